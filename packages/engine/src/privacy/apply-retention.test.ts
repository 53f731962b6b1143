import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { rowsAsText } from '../../../../test/support/rows.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import { orThrow } from '../kernel/result.ts';
import type { WorkspaceSettings } from '../workspaces/workspace.ts';
import { updateWorkspace } from '../workspaces/update-workspace.ts';
import { applyRetention, retentionOutlook } from './apply-retention.ts';

const dayMinutes = 24 * 60;

describe.each(testDatabaseSizes)('applyRetention on %s', (size) => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext(size);
    // The first workspace keeps its events as the others do, so that months can go.
    await decide((await context.workspaces.first()).id, { retentionDays: 60 });
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  async function decide(id: string, settings: WorkspaceSettings): Promise<void> {
    orThrow(await updateWorkspace(context, { id }, { settings }));
  }

  const partitions = async (): Promise<string[]> =>
    (
      await context.database.run<{ name: string }>(
        {
          name: '',
          text: `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'headwater.event'::regclass order by 1`,
        },
        [],
      )
    ).map((row) => row.name);

  const seeDaysAgo = (
    people: People,
    who: string,
    days: number,
    more: Partial<IncomingEvent> = {},
  ) => people.see(who, -days * dayMinutes, { type: 'pageview', more });

  const count = async (table: string, people: People): Promise<number> =>
    (await rowsAsText(context, table)).filter((row) => row.includes(people.workspace.id)).length;

  it('drops a month that is over for every workspace, and deletes what shares one with others', async () => {
    const short = await openNewPeople(context, { retentionDays: 30 });
    const long = await openNewPeople(context, { retentionDays: 60 });
    for (const people of [short, long])
      for (const days of [0, 20, 45, 70, 100]) await seeDaysAgo(people, `device:${days}`, days);
    expect(await partitions()).toEqual([
      'event_2026_08',
      'event_2026_09',
      'event_2026_10',
      'event_2026_11',
    ]);
    expect(await retentionOutlook(context)).toEqual({
      unlimited: 0,
      nextPartition: { name: 'event_2026_08', at: new Date('2026-10-31T00:00:00Z') },
    });
    const keys = await rowsAsText(context, 'event_key');

    const report = await applyRetention(context);

    expect(report).toMatchObject({
      droppedPartitions: ['event_2026_08'],
      // Of September and October: 45 and 70 days of the one, 70 days of the other.
      rows: { events: 3 },
    });
    expect(await partitions()).toEqual(['event_2026_09', 'event_2026_10', 'event_2026_11']);
    expect([await count('event', short), await count('event', long)]).toEqual([2, 3]);
    expect(await rowsAsText(context, 'event_key')).toEqual(keys);
    expect(await applyRetention(context)).toMatchObject({
      droppedPartitions: [],
      rows: { events: 0 },
    });
    expect(
      await long.hw.events.track({
        type: 'lead',
        anonymousId: 'x',
        occurredAt: new Date(context.clock.now() - 61 * 86_400_000),
      }),
    ).toMatchObject({ ok: false, code: 'too_old' });
  });

  it('keeps every month while one workspace keeps its events for ever', async () => {
    const forEver = await openNewPeople(context);
    await seeDaysAgo(forEver, 'device:old', 200);
    const before = await partitions();
    expect((await applyRetention(context)).droppedPartitions).toEqual([]);
    expect(await partitions()).toEqual(before);
    expect(await retentionOutlook(context)).toMatchObject({ nextPartition: undefined });
    await decide(forEver.workspace.id, { retentionDays: 30 });
    expect((await applyRetention(context)).droppedPartitions).toContain('event_2026_05');
  });

  it('keeps each class as long as it is told to', async () => {
    const people = await openNewPeople(context);
    const arrival = {
      source: { kind: 'campaign', source: 'news', medium: 'email' },
      signals: { gclid: 'click-id-text' },
    } as never;
    for (const days of [5, 30]) {
      await seeDaysAgo(people, `device:d mail:m`, days, { arrival, url: 'https://shop.test/' });
      await seeDaysAgo(people, '', days, { machine: 'Googlebot', createsVisitor: false });
    }
    await decide(people.workspace.id, {
      retention: { machineEvents: 10, visits: 20, clickIds: 15, evidence: 25 },
    });
    expect(await applyRetention(context)).toMatchObject({
      rows: { events: 0, machineEvents: 1, visits: 1, clickIds: 1, evidence: 1, touches: 0 },
    });
    expect(await count('event', people)).toBe(3);
    expect(await count('session', people)).toBe(1);
    const touches = (await rowsAsText(context, 'touch')).filter((row) =>
      row.includes('click-id-text'),
    );
    expect(touches).toHaveLength(1);
  });

  it('keeps the counters of links exact when arrivals and conversions go', async () => {
    const people = await openNewPeople(context, { retention: { attribution: 10 } });
    const link = orThrow(
      await people.hw.links.create({ domain: 'go.test', url: 'https://shop.test/' }),
    );
    const arrival = { source: { kind: 'campaign', source: 'go', medium: 'link' } } as never;
    const click = (who: string, days: number) =>
      people.see(who, -days * dayMinutes, {
        type: 'link_click',
        more: { linkId: link.id, arrival },
      });
    const sale = (who: string, days: number) =>
      people.see(who, -days * dayMinutes, {
        type: 'sale',
        more: { amountMinor: '100', currency: 'USD' },
      });
    await click('device:a', 120);
    await sale('device:a', 115);
    await click('device:b', 95);
    await sale('device:b', 12);
    await sale('device:b', 8);
    const stats = orThrow(await people.hw.links.stats(link.id));
    expect(stats).toMatchObject({ clicks: 2, sales: 3, revenueMinor: 300n });
    expect((await applyRetention(context)).rows).toMatchObject({ conversions: 2, touches: 1 });
    expect(orThrow(await people.hw.links.stats(link.id))).toEqual(stats);
    // A merge derives the credit of what is left again.
    await people.see('device:a device:b', 0);
    expect(orThrow(await people.hw.links.stats(link.id))).toEqual(stats);
  });
});
