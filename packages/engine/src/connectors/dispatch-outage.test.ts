import { expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import { createScriptedPlatform } from '../../../../test/support/scripted-connector.ts';
import type { ScriptedAnswer, ToldRequest } from '../../../../test/support/scripted-connector.ts';
import { hour, minute } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';

const conversions = 10_000;

/** Everything that goes wrong with a platform, one after the other. */
function troubled({ conversions: rows }: ToldRequest, number: number): ScriptedAnswer {
  switch (number % 8) {
    case 0:
      return { status: 429, headers: { 'retry-after': '90' } };
    case 1:
      return { status: 500 };
    case 2:
      return 'counts_and_closes';
    case 3:
      return 'never_arrives';
    case 4:
      return { status: 200, rows: rows.map((_, index) => (index % 3 === 0 ? 'later' : 'ok')) };
    case 5:
      return { status: 200, rows: rows.map((_, index) => (index === 0 ? 'ok' : 'resend')) };
    default:
      return { status: 200 };
  }
}

it('delivers each of 10,000 conversions once by its event id, through 72 hours of trouble', async () => {
  const platform = createScriptedPlatform({ batch: { conversionsMax: 100 } });
  let isTroubled = true;
  platform.answer = (request, number) => (isTroubled ? troubled(request, number) : { status: 200 });
  await using context = await openTestContext('postgres', {
    connectors: { own: [platform.connector], fetch: platform.fetch },
  });
  const { hw, workspace } = await openNewPeople(context);
  orThrow(
    await hw.connectors.enable('stand_in', {
      credentials: { account: workspace.id, api_key: 'key' },
    }),
  );
  const ids = new Set<string>();
  for (let person = 0; person < conversions / 100; person += 1) {
    const arrived = orThrow(
      await hw.events.track(
        {
          type: 'pageview',
          externalId: `person-${person}`,
          url: `https://shop.test/?gclid=click-${person}`,
          occurredAt: new Date(context.clock.now() - hour),
        },
        { createsVisitor: true },
      ),
    ) as { visitorId: string };
    const { visitorId } = arrived;
    const sales = Array.from({ length: 100 }, () => ({
      type: 'sale' as const,
      visitorId,
      amountMinor: 100n,
      currency: 'EUR',
    }));
    for (const result of await hw.events.trackBatch(sales)) ids.add(orThrow(result).eventId);
  }
  expect(ids.size).toBe(conversions);

  for (let waited = 0; waited < 72 * hour; waited += 30 * minute) {
    await hw.connectors.deliverDue();
    context.clock.moveBy(30 * minute);
    isTroubled = waited < 48 * hour;
  }

  expect(platform.counted).toEqual(ids);
  expect(new Set(platform.sent.keys())).toEqual(ids);
  expect(orThrow(await hw.connectors.dispatches.summary())).toEqual([
    { connector: 'stand_in', status: 'delivered', reason: undefined, count: conversions },
  ]);
  // The log says of each what happened: each attempt, and how the last one ended.
  const rows = await context.database.db
    .selectFrom('dispatch')
    .select(['attempts', 'history'])
    .where('workspace_id', '=', workspace.id)
    .execute();
  for (const { attempts, history } of rows) {
    const told = history as ReadonlyArray<{ readonly outcome: string }>;
    expect([told.length, told.at(-1)?.outcome]).toEqual([attempts, 'delivered']);
  }
  expect(rows.some(({ attempts }) => attempts > 2)).toBe(true);
}, 300_000);
