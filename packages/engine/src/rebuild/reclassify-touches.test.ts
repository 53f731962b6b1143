import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { assertSound } from '../../../../test/support/invariants.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { rollUp } from '../analytics/roll-up.ts';
import { orThrow } from '../kernel/result.ts';
import { classifySource } from '../sources/classify.ts';

const day = 24 * 60;
const newsletters = {
  name: 'newsletters',
  when: [{ field: 'utm_medium', is: ['newsletter'] }],
  set: { channel: 'Email' },
};

describe.each(testDatabaseSizes)('touches of the past on %s', (size) => {
  let context: TestContext;
  let people: People;
  let api: Api;
  beforeAll(async () => {
    context = await openTestContext(size, { ownHosts: ['shop.test'] });
    context.clock.moveBy(noon + 3 * day * 60_000 - context.clock.now());
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());
  beforeEach(async () => {
    people = await openNewPeople(context);
    api = await openApi(context, people.workspace);
  });

  async function arrive(who: string, at: number, url: string, referrer?: string): Promise<void> {
    const ownHosts = new Set(['shop.test']);
    const source = classifySource({ url, referrer, ownHosts, landing: true });
    const more = { url, arrival: { source }, ...(referrer !== undefined && { referrer }) };
    await people.see(who, at, { type: 'pageview', more });
  }
  const buy = (who: string, at: number) =>
    people.see(who, at, { type: 'sale', more: { amountMinor: '1000', currency: 'USD' } });
  const change = async (settings: unknown): Promise<void> => {
    expect((await api('PATCH', '/workspace', { settings })).status).toBe(200);
  };
  const reclassify = async (body: unknown = {}) =>
    (await api('POST', '/sources/reclassify', body)).body;
  const period = 'from=2026-11-20&to=2026-11-22&timezone=UTC';

  /** What reports say of channels: the people who came by them, and what they sold. */
  async function channels(): Promise<Record<string, readonly [people: number, sales: number]>> {
    type Rows = ReadonlyArray<{ value: string | null; people: number }>;
    const came = await api<{ rows: Rows } | Rows>(
      'GET',
      `/analytics/breakdown?dimension=channel&metrics=people&${period}`,
    );
    const rows = 'rows' in came.body ? came.body.rows : came.body;
    const credited = orThrow(
      await people.hw.attribution.report(
        { from: new Date(noon - day * 60_000), to: new Date(noon + 2 * day * 60_000) },
        { workspaceId: people.workspace.id },
      ),
    );
    const sales = new Map(
      credited.rows.map(({ value, credits }) => [value, credits['last_non_direct']?.conversions]),
    );
    return Object.fromEntries(
      rows.map(({ value, people: count }) => [String(value), [count, sales.get(value ?? '') ?? 0]]),
    );
  }

  it('are classified by the rules of now, and reports and credit follow', async () => {
    await arrive('device:1', 0, 'https://shop.test/?utm_source=acme&utm_medium=newsletter');
    await buy('device:1', 5);
    await arrive('device:2', 10, 'https://shop.test/', 'https://www.google.de/');
    await rollUp(context, people.workspace.id, 200);
    const before = { Unassigned: [1, 1], 'Organic Search': [1, 0] };
    expect(await channels()).toEqual(before);

    await change({ source_rules: [newsletters] });
    expect(await reclassify({ dry_run: true })).toMatchObject({ touches: 2, changed: 1, left: 0 });
    expect(await channels()).toEqual(before);

    expect(await reclassify()).toEqual({ touches: 2, changed: 1, left: 0, next_cursor: null });
    const after = { Email: [1, 1], 'Organic Search': [1, 0] };
    expect(await channels()).toEqual(after);
    await rollUp(context, people.workspace.id, 200);
    expect(await channels()).toEqual(after);
    expect(await reclassify()).toMatchObject({ changed: 0 });
    await assertSound(context, people.workspace);
  });

  it('are direct where the host before was one of the own ones all along, and earn what direct ones do', async () => {
    await arrive('device:1', 0, 'https://shop.test/?utm_source=acme&utm_medium=email');
    await arrive('device:1', 600, 'https://shop.test/', 'https://blog.example/post');
    await buy('device:1', 605);
    expect((await channels())['Referral']).toEqual([1, 1]);
    await change({ own_hosts: ['blog.example'] });
    expect(await reclassify()).toMatchObject({ touches: 2, changed: 1 });
    expect(await channels()).toEqual({ Email: [1, 1], Direct: [1, 0] });
    await assertSound(context, people.workspace);
  });

  it('stay as they are where what they were classified by is not kept any more', async () => {
    await arrive('device:1', 0, 'https://shop.test/?utm_source=acme&utm_medium=email');
    await arrive('device:2', 0, 'https://shop.test/?gclid=abcdefghijklmnop');
    await context.database.run(
      {
        name: '',
        text: `update headwater.touch set url = 'https://shop.test/' where workspace_id = $1`,
      },
      [people.workspace.id],
    );
    expect(await reclassify()).toMatchObject({ touches: 2, changed: 0, left: 2 });
    expect(await channels()).toMatchObject({ Email: [1, 0], 'Paid Search': [1, 0] });
  });

  it('are asked for a span of time, with progress and in parts', async () => {
    for (let at = 0; at < 3; at += 1)
      await arrive(
        `device:${at}`,
        at * 60,
        'https://shop.test/?utm_source=a&utm_medium=newsletter',
      );
    await change({ source_rules: [newsletters] });
    const workspaceId = people.workspace.id;
    const told: number[] = [];
    const done = orThrow(
      await people.hw.sources.reclassify({
        workspaceId,
        from: new Date(noon + 60 * 60_000),
        onProgress: ({ done: count, total }) => told.push(count, total),
      }),
    );
    expect(done).toEqual({ touches: 2, changed: 2, left: 0 });
    expect(told).toEqual([2, 2]);
    expect(await reclassify({ to: '2026-11-20T12:00:00Z' })).toMatchObject({ touches: 0 });
    expect(await reclassify({ cursor: 'x' })).toMatchObject({ code: 'validation_failed' });
  });
});
