import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { rollUp } from '../analytics/roll-up.ts';
import { orThrow } from '../kernel/result.ts';
import { checkDefinition } from './check-definition.ts';
import { findEntrants } from './find-entrants.ts';
import type { FunnelStep } from './funnel.ts';

const minute = 60_000;
const dayMinutes = 24 * 60;
const pricing: FunnelStep = { filters: [{ kind: 'url', value: '/pricing' }] };
const sale: FunnelStep = { filters: [{ kind: 'event', type: 'sale' }] };

describe.each(testDatabaseSizes)(
  'who entered a funnel, by the hours that are kept, on %s',
  (size) => {
    let context: TestContext;
    let people: People;
    beforeAll(async () => {
      context = await openTestContext(size);
      context.clock.moveBy(noon + 3 * dayMinutes * minute - context.clock.now());
      people = await openNewPeople(context);
      const look = { type: 'pageview' as const, more: { url: 'https://shop.test/pricing/?a=1' } };
      await people.see('device:looks', 10, look);
      await people.see('device:looks-twice', 10, look);
      await people.see('device:looks-twice', 700, look);
      await people.see('device:buys', 10, look);
      await people.see('device:buys', 200, { type: 'sale' });
      await people.see('device:bought-before', 10, { type: 'sale' });
      await people.see('device:bought-before', 200, look);
      await people.see('device:buys-too-late', 10, look);
      await people.see('device:buys-too-late', 10 + dayMinutes + 60, { type: 'sale' });
      await people.see('device:engages', 20, {
        type: 'engagement',
        more: { url: 'https://shop.test/pricing', properties: { engaged_ms: 100 } },
      });
    }, 60_000);
    afterAll(() => context[Symbol.asyncDispose]());

    async function ask(...steps: readonly FunnelStep[]) {
      const checked = checkDefinition({ steps, window: { days: 1 } });
      if (!checked.ok) throw new Error('the steps are wrong');
      const { database } = context;
      const workspaceId = people.workspace.id;
      const found = await findEntrants(
        context,
        { db: database.db, schema: database.schema, workspaceId },
        {
          workspaceId,
          definition: checked.value,
          from: new Date(noon),
          to: new Date(noon + dayMinutes * minute),
        },
      );
      return found && { open: found.open.length, settled: found.settled.get('') ?? 0 };
    }

    it('is not known before the hours are made', async () => {
      expect(await ask(pricing, sale)).toBeUndefined();
      await rollUp(context, people.workspace.id, 200);
      expect(await ask(pricing, sale)).toBeDefined();
    });

    it('settles everybody who did nothing after it that the second step asks for', async () => {
      await rollUp(context, people.workspace.id, 200);
      // Engagement that is reported before anything else is in no visit, and is somebody all the same.
      expect(await ask(pricing, sale)).toEqual({ open: 1, settled: 5 });
    });

    it('leaves open whom it cannot tell apart, and knows nothing of what is only seen', async () => {
      await rollUp(context, people.workspace.id, 200);
      const paid: FunnelStep = {
        filters: [
          { kind: 'event', type: 'sale' },
          { kind: 'property', key: 'plan', value: 'pro' },
        ],
      };
      expect(await ask(pricing, paid)).toEqual({ open: 1, settled: 5 });
      expect(await ask(paid, pricing)).toEqual({ open: 2, settled: 0 });
      const seen: FunnelStep = { filters: [{ kind: 'event', type: 'impression' }] };
      expect(await ask(seen, sale)).toBeUndefined();
    });

    it('adds up to what the events say', async () => {
      await rollUp(context, people.workspace.id, 200);
      const report = orThrow(
        await people.hw.funnels.report(
          { steps: [pricing, sale], window: { days: 1 } },
          { from: new Date(noon), to: new Date(noon + dayMinutes * minute) },
        ),
      );
      expect(report.steps.map((step) => step.people)).toEqual([6, 1]);
    });
  },
);
