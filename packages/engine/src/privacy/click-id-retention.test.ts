import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { rowsAsText } from '../../../../test/support/rows.ts';
import { orThrow } from '../kernel/result.ts';
import { clickIds } from '../sources/click-ids.ts';
import { updateWorkspace } from '../workspaces/update-workspace.ts';
import { applyRetention } from './apply-retention.ts';
import { addressTables, pageSize } from './click-id-store.ts';

const dayMinutes = 24 * 60;

describe.each(testDatabaseSizes)('the retention of advertising click ids on %s', (size) => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext(size);
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const keepFor = async (people: People, clickIdsDays: number): Promise<void> => {
    const settings = { retention: { clickIds: clickIdsDays } };
    orThrow(await updateWorkspace(context, { id: people.workspace.id }, { settings }));
  };

  /** A landing with every click id that there is, which all have the same value. */
  const land = async (people: People, who: string, days: number, value: string): Promise<void> => {
    const query = clickIds.map(({ parameter }) => `${parameter}=${value}`).join('&');
    await people.see(who, -days * dayMinutes, {
      type: 'pageview',
      more: {
        url: `https://shop.test/${who}?first=${value.length}&${query}&last=kept#part`,
        referrer: `https://ads.test/?${query}&place=kept&to=${encodeURIComponent(`/?${query}`)}`,
        arrival: {
          source: { kind: 'campaign', source: 'news', medium: 'email' },
          signals: { gclid: value },
        } as never,
      },
    });
  };

  const rowsWith = async (people: People, text: string): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const { table } of addressTables) {
      const rows = await rowsAsText(context, table);
      counts[table] = rows.filter(
        (row) => row.includes(people.workspace.id) && row.includes(text),
      ).length;
    }
    return counts;
  };

  it('cuts them out of every address, and leaves the other parameters and what is younger', async () => {
    const people = await openNewPeople(context, { retention: { clickIds: 400 } });
    // Of two months, which are two partitions.
    for (const days of [30, 70]) await land(people, `device:old-${days}`, days, 'old-click-id');
    await land(people, 'device:new', 5, 'new-click-id');
    const everywhere = { event: 2, touch: 2, session: 2, visitor: 2 };
    expect(await rowsWith(people, 'old-click-id')).toEqual(everywhere);

    await keepFor(people, 10);
    expect((await applyRetention(context)).rows).toMatchObject({ clickIds: 8 });

    expect(await rowsWith(people, 'old-click-id')).toEqual({
      event: 0,
      touch: 0,
      session: 0,
      visitor: 0,
    });
    const kept = 'old-30?first=12&last=kept#part';
    expect(await rowsWith(people, kept)).toEqual({ event: 1, touch: 1, session: 1, visitor: 1 });
    expect(await rowsWith(people, 'https://ads.test/?place=kept&to=%2F')).toMatchObject({
      event: 2,
    });
    expect(await rowsWith(people, 'new-click-id')).toEqual({
      event: 1,
      touch: 1,
      session: 1,
      visitor: 1,
    });
    expect((await applyRetention(context)).rows).toMatchObject({ clickIds: 0 });
  });

  it('knows every column that holds an address', async () => {
    const columns = await context.database.run<{ name: string }>(
      {
        name: '',
        text: `select table_name || '.' || column_name as name from information_schema.columns
where table_schema = $1 and (column_name like '%url' or column_name like '%referrer')
  and table_name not like 'event\\_2%' order by 1`,
      },
      [context.database.schema],
    );
    // What the workspace itself has written.
    const own = [
      'link.android_url',
      'link.fallback_url',
      'link.ios_url',
      'link.url',
      'webhook_endpoint.url',
    ];
    // Reports keep the host of a referrer.
    const hosts = ['activity_hour.referrer'];
    const known = addressTables.flatMap(({ table, addresses }) =>
      addresses.map((address) => `${table}.${address}`),
    );
    expect(columns.map(({ name }) => name)).toEqual([...known, ...own, ...hosts].sort());
  });

  it('comes in no more once it is older than it is kept', async () => {
    const people = await openNewPeople(context, { retention: { clickIds: 10 } });
    await land(people, 'device:late', 30, 'late-click-id');
    expect(await rowsWith(people, 'late-click-id')).toEqual({
      event: 0,
      touch: 0,
      session: 0,
      visitor: 0,
    });
    expect(await rowsWith(people, 'last=kept#part')).toMatchObject({ event: 1, touch: 1 });
  });

  it('is not written back by a process that remembers the visitor', async () => {
    const people = await openNewPeople(context, { retention: { clickIds: 400 } });
    await land(people, 'device:dora', 30, 'doras-click-id');
    await keepFor(people, 10);
    await applyRetention(context);
    await people.see('device:dora', 0, { type: 'custom' });
    await people.see('device:dora', 1, { type: 'lead' });
    expect(await rowsWith(people, 'doras-click-id')).toMatchObject({ visitor: 0, session: 0 });
  });

  it('goes through many rows page by page, and goes on after it was cut off', async () => {
    const people = await openNewPeople(context, { retention: { clickIds: 10 } });
    const rows = 2 * pageSize + 1;
    await land(people, 'device:many', 30, 'any');
    await context.database.run(
      {
        name: '',
        text: `insert into headwater.event (workspace_id, id, occurred_at, recorded_at, type, origin, url)
select $1, gen_random_uuid(), $2::timestamptz + i / 100 * interval '1 ms', $2::timestamptz, 'pageview', 'api',
  'https://shop.test/?gclid=many-click-ids&n=' || i from generate_series(1, $3::int4) i`,
      },
      [people.workspace.id, '2026-10-15T10:00:00Z', rows],
    );
    expect(await rowsWith(people, 'many-click-ids')).toMatchObject({ event: rows });
    const { run } = context.database;
    let updates = 0;
    Object.assign(context.database, {
      run: (...args: Parameters<typeof run>) => {
        if (args[0].name.endsWith('cut_click_ids_event') && (updates += 1) > 1)
          throw new Error('The process was killed.');
        return run(...args);
      },
    });
    await expect(applyRetention(context)).rejects.toThrow('killed');
    Object.assign(context.database, { run });
    expect(await rowsWith(people, 'many-click-ids')).toMatchObject({ event: rows - pageSize });
    expect((await applyRetention(context)).rows).toMatchObject({ clickIds: rows - pageSize });
    expect(await rowsWith(people, 'many-click-ids')).toMatchObject({ event: 0 });
    expect(await rowsWith(people, 'https://shop.test/?n=')).toMatchObject({ event: rows });
  }, 60_000);

  it('reads only the last days where it has been before, in whichever process', async () => {
    const people = await openNewPeople(context, { retention: { clickIds: 10 } });
    const insert = (at: string) =>
      context.database.run(
        {
          name: '',
          text: `insert into headwater.event (workspace_id, id, occurred_at, recorded_at, type, origin, url)
values ($1, $2, $3::timestamptz, $3::timestamptz, 'pageview', 'api', 'https://shop.test/?gclid=progress-id')`,
        },
        [people.workspace.id, randomUUID(), at],
      );
    await insert('2026-10-15T10:00:00Z');
    await applyRetention(context);
    await insert('2026-10-15T11:00:00Z');
    await insert('2026-11-11T08:00:00Z');
    expect((await applyRetention(context)).rows).toMatchObject({ clickIds: 1 });
  });
});
