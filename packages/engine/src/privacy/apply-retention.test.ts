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

  it('keeps what refunds took from sales that are gone', async () => {
    const people = await openNewPeople(context, { retention: { attribution: 10 } });
    const link = orThrow(
      await people.hw.links.create({ domain: 'go.test', url: 'https://shop.test/' }),
    );
    const arrival = { source: { kind: 'campaign', source: 'go', medium: 'link' } } as never;
    const money = (amountMinor: string) => ({ amountMinor, currency: 'USD' });
    await people.see('device:a', -30 * dayMinutes, {
      type: 'link_click',
      more: { linkId: link.id, arrival },
    });
    await people.see('device:a', -20 * dayMinutes, { type: 'sale', more: money('100') });
    await people.see('device:a', -19 * dayMinutes, { type: 'sale', more: money('70') });
    await people.see('device:a', -8 * dayMinutes, { type: 'refund', more: money('30') });
    await people.see('device:a', -7 * dayMinutes, { type: 'refund' });
    const counted = async () => [
      orThrow(await people.hw.links.stats(link.id)),
      (await people.hw.visitors.get((await people.find('device:a'))!.rootId))?.lifetimeValue,
    ];
    const before = await counted();
    expect(before).toMatchObject([
      { sales: 1, revenueMinor: 100n },
      [{ currency: 'USD', amountMinor: 100n }],
    ]);
    expect((await applyRetention(context)).rows).toMatchObject({ conversions: 2 });
    await people.see('device:a', -1, { type: 'lead' });
    await people.see('device:a device:b', 0);
    const after = await counted();
    expect(after).toMatchObject([{ sales: 1, leads: 1, revenueMinor: 100n }, before[1]]);
    await people.hw.rebuild();
    expect(await counted()).toEqual(after);
  });

  it('leaves what refers to a dropped month in order: people, their way, their credit', async () => {
    const people = await openNewPeople(context, { retentionDays: 400 });
    const link = orThrow(
      await people.hw.links.create({ domain: 'go.test', url: 'https://shop.test/' }),
    );
    const arrival = { source: { kind: 'campaign', source: 'go', medium: 'link' } } as never;
    const at = (days: number): number => -days * dayMinutes;
    const old = await people.see('device:ann', at(300), {
      type: 'link_click',
      more: { linkId: link.id, arrival, url: 'https://go.test/ann' },
    });
    await people.see('user:ann device:ann', at(300) + 1);
    const sale = people.incoming({
      who: 'user:ann',
      at: at(299),
      type: 'sale',
      more: { amountMinor: '4900', currency: 'USD' },
    });
    await context.ingest.submit(sale);
    await people.see('user:ann device:tablet', at(5), { type: 'pageview' });
    const ann = (await people.hw.visitors.getByExternalId('ann'))!;
    const before = {
      stats: orThrow(await people.hw.links.stats(link.id)),
      path: orThrow(await people.hw.visitors.attribution(ann.id)).path,
      value: ann.lifetimeValue,
      people: await people.partition(['user:ann', 'device:ann', 'device:tablet']),
    };
    expect(before.stats).toMatchObject({ clicks: 1, sales: 1, revenueMinor: 4900n });
    expect(before.path).toMatchObject([{ id: expect.any(String) as string }]);
    expect(before.people).toEqual(['device:ann device:tablet user:ann']);
    const [month] = (await partitions()).filter((name) => name === 'event_2026_01');
    expect(month).toBe('event_2026_01');

    await decide(people.workspace.id, { retentionDays: 60 });
    for (const { id } of await context.database.db.selectFrom('workspace').select('id').execute())
      await decide(id, { retentionDays: 60 });
    const { droppedPartitions } = await applyRetention(context);

    expect(droppedPartitions).toContain('event_2026_01');
    expect(await partitions()).not.toContain('event_2026_01');
    // Of the events only those of the months that are left are known; all else stands on its own.
    const timeline = orThrow(await people.hw.visitors.timeline(ann.id));
    expect(timeline.events.map(({ type }) => type)).toEqual(['pageview']);
    const after = async () => ({
      stats: orThrow(await people.hw.links.stats(link.id)),
      path: orThrow(await people.hw.visitors.attribution(ann.id)).path,
      value: (await people.hw.visitors.getByExternalId('ann'))!.lifetimeValue,
      people: await people.partition(['user:ann', 'device:ann', 'device:tablet']),
    });
    expect(await after()).toEqual(before);
    expect(orThrow(await people.hw.visitors.evidence(ann.id)).merges).toHaveLength(2);
    const rebuilt = await people.hw.visitors.rebuild();
    expect(rebuilt).toMatchObject({ evidence: 2, moved: 0 });
    expect(await after()).toEqual(before);
    // A repeat of what is gone still counts once.
    expect(await context.ingest.submit(sale)).toMatchObject({ outcome: 'duplicate' });
    const exported = orThrow(await people.hw.privacy.export({ externalId: 'ann' }));
    expect(exported.tables.touch).toHaveLength(1);
    expect(exported.tables.event.map((row) => row['id'])).not.toContain(old.eventId);
    expect(orThrow(await people.hw.privacy.forget({ externalId: 'ann' })).rows).toMatchObject({
      touch: 1,
      conversion: 1,
    });
    expect(await context.ingest.submit(sale)).toMatchObject({ code: 'visitor_erased' });
  });
});
