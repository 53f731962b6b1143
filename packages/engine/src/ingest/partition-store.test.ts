import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { findBroken } from '../../../../test/support/invariants.ts';
import { noon, openNewPeople, openPeople } from '../../../../test/support/people.ts';
import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import { createPartitions } from './partition-store.ts';

const minute = 60_000;

async function partitionsOf(context: Context): Promise<string[]> {
  const rows = await context.database.run<{ name: string }>(
    {
      name: '',
      text: `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'headwater.event'::regclass order by 1`,
    },
    [],
  );
  return rows.map((row) => row.name);
}

function minutesUntil(date: string): number {
  return (Date.parse(date) - noon) / minute;
}

describe.each(testDatabaseSizes)('the months of events on %s', (size) => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext(size);
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('are made when an event needs them, and each holds what happened in it', async () => {
    const people = await openNewPeople(context);
    await people.see('device:1', minutesUntil('2024-02-29T23:59:59Z'));
    await people.see('device:1', minutesUntil('2024-03-01T00:00:00Z'));
    await people.see('device:1', minutesUntil('1999-12-31T23:59:00Z'));

    expect(await partitionsOf(context)).toEqual(
      expect.arrayContaining(['event_1999_12', 'event_2024_02', 'event_2024_03']),
    );
    const [row] = await context.database.run<{ february: number; march: number }>(
      {
        name: '',
        text: 'select (select count(*)::int from headwater.event_2024_02) as february, (select count(*)::int from headwater.event_2024_03) as march',
      },
      [],
    );
    expect(row).toEqual({ february: 1, march: 1 });
  });

  it('are made for a batch that spans many of them', async () => {
    const people = await openNewPeople(context);
    const outcomes = await people.seeTogether(
      Array.from({ length: 24 }, (_, index) => ({
        who: 'device:1',
        at: minutesUntil(
          `20${10 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}-15T00:00:00Z`,
        ),
      })),
    );
    expect(outcomes.every((outcome) => outcome.outcome === 'accepted')).toBe(true);
    expect(
      (await partitionsOf(context)).filter((name) => /^event_201[01]_/.test(name)),
    ).toHaveLength(24);
    expect(await findBroken(context, people.workspace)).toEqual([]);
  });

  it('are made once by several processes that need them at once', async () => {
    const processes = Array.from({ length: 6 }, () =>
      createPartitions(context.database, { create: true }),
    );
    const months = ['2015-01-10', '2015-02-10', '2015-03-10'].map((date) => Date.parse(date));
    await Promise.all(
      processes.map((each, index) => each.ensure(index % 2 === 0 ? months : months.toReversed())),
    );
    expect(
      (await partitionsOf(context)).filter((name) => name.startsWith('event_2015')),
    ).toHaveLength(3);
  });

  it('are made while other events are on their way', async () => {
    const people = await openNewPeople(context);
    const other = await openPeople(context.another(), people.workspace);
    const sightings = Array.from({ length: 30 }, (_, index) => ({
      who: `device:${index % 5}`,
      at: minutesUntil(`2016-${String((index % 12) + 1).padStart(2, '0')}-02T00:00:00Z`) + index,
    }));
    const outcomes = await Promise.all(
      sightings.map((sighting, index) =>
        (index % 2 === 0 ? people : other).seeTogether([sighting]),
      ),
    );
    expect(outcomes.flat().every((outcome) => outcome.outcome === 'accepted')).toBe(true);
    expect(await findBroken(context, people.workspace)).toEqual([]);
  });

  it('have no default: where somebody else makes them, one that is missing is a fault that names it', async () => {
    const people = await openNewPeople(context);
    const without = await openPeople(
      context.another({ createPartitions: false }),
      people.workspace,
    );
    await expect(without.see('device:1', minutesUntil('2003-05-05T00:00:00Z'))).rejects.toThrow(
      '2003-05',
    );
    expect(await without.see('device:1', minutesUntil('2024-02-10T00:00:00Z'))).toMatchObject({
      outcome: 'accepted',
    });
    expect(await partitionsOf(context)).not.toContain('event_2003_05');
  });

  it('may go with their events: what is sent again is still a repeat', async () => {
    const people = await openNewPeople(context);
    const event = people.incoming({
      who: 'user:ann',
      at: minutesUntil('2002-06-06T00:00:00Z'),
      type: 'sale',
      more: { amountMinor: '100', currency: 'EUR' },
    });
    const first = await context.ingest.submit(event);
    await context.database.run({ name: '', text: 'drop table headwater.event_2002_06' }, []);
    const again = await context.ingest.submit(event);
    const elsewhere = await context.another().ingest.submit(event);

    for (const repeat of [again, elsewhere])
      expect(repeat).toMatchObject({ outcome: 'duplicate', eventId: first.eventId });
    expect(await people.hw.visitors.getByExternalId('ann')).toMatchObject({
      lifetimeValue: [{ amountMinor: 100n }],
    });
    expect(await context.ingest.submit({ ...event, digest: '0'.repeat(16) })).toMatchObject({
      outcome: 'rejected',
      code: 'idempotency_conflict',
    });
  });
});

describe('the time of an event', () => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext('pglite');
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('is refused with the field where it is too old, too far ahead or none', async () => {
    const people = await openNewPeople(context);
    await people.see('user:ann');
    const now = context.clock.now();
    const at = (time: number) =>
      people.hw.events.lead({ externalId: 'ann', occurredAt: new Date(time) });

    for (const time of [Date.UTC(2000, 0, 1) - 1, -1e15, now + day + 1, 8.64e15, Number.NaN]) {
      expect(await at(time)).toMatchObject({
        ok: false,
        errors: { occurredAt: [expect.any(String)] },
      });
    }
    for (const time of [Date.UTC(2000, 0, 1), now + day])
      expect(await at(time)).toMatchObject({ ok: true, value: { outcome: 'accepted' } });
  });

  it('is refused where the workspace does not keep that long', async () => {
    const people = await openNewPeople(context, { retentionDays: 30 });
    await people.see('user:ann', minutesUntil('2026-11-20T00:00:00Z'));
    const now = context.clock.now();
    const at = (time: number) =>
      people.hw.events.lead({ externalId: 'ann', occurredAt: new Date(time) });
    expect(await at(now - 30 * day - 1)).toMatchObject({
      ok: false,
      errors: { occurredAt: [expect.stringContaining('must not be older')] },
    });
    expect(await at(now - 30 * day)).toMatchObject({ ok: true });
  });
});
