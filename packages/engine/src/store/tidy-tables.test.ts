import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { tidyTables } from './tidy-tables.ts';

describe('the tables of the embedded database', () => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext('pglite');
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const run = (text: string) =>
    context.database.run<Record<string, unknown>>({ name: '', text }, []);
  async function tidyAll(): Promise<string[]> {
    const tidied: string[] = [];
    // What is counted of rows is told once a second.
    await run('select pg_stat_force_next_flush()');
    for (;;) {
      const table = (await tidyTables(context.database)).tidied;
      if (table === undefined) return tidied;
      tidied.push(table);
    }
  }

  it('have statistics once they have rows, and again when many of those have changed', async () => {
    await tidyAll();
    await run(`
      insert into headwater.daily_salt (workspace_id, day, salt)
      select '019aa8a5-5980-7a98-857b-2167864a554b', n, '\\x00' from generate_series(1, 5000) n`);
    expect(await tidyAll()).toEqual(['daily_salt']);
    const planned = await run(`
      explain (format json) select from headwater.daily_salt
      where workspace_id = '019aa8a5-5980-7a98-857b-2167864a554b'`);
    expect(JSON.stringify(planned)).toContain('"Plan Rows":5000');

    await run(`delete from headwater.daily_salt where day <= 100`);
    expect(await tidyAll()).toEqual([]);
    await run(`delete from headwater.daily_salt where day <= 4000`);
    expect(await tidyAll()).toEqual(['daily_salt']);
    expect(await tidyAll()).toEqual([]);
  });

  it('have the blocks of their block range indexes summarised', async () => {
    await run(unsummarised);
    await run(`
      insert into headwater.touch (workspace_id, id, visitor_id, event_id, kind, occurred_at, recorded_at, rule)
      select '019aa8a5-5980-7a98-857b-2167864a554b', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'direct',
        '2026-01-01', '2026-01-01', repeat('x', 400) from generate_series(1, 2000) n`);
    await tidyAll();
    // The last range is left out until it is full.
    const [left] = await run(unsummarised);
    expect(left!['unsummarised']).toBeLessThan(2);
  });
});

/** How many ranges of blocks the index of touches by time could still be told of. */
const unsummarised = `select brin_summarize_new_values('headwater.touch_time') as unsummarised`;
