import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import type { Statement } from './connection.ts';

const unnamed = (text: string): Statement => ({ name: '', text });

describe.each(testDatabaseSizes)('prepared statements on %s', (size) => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext(size);
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('that were planned while a table was small are planned anew when it has grown', async () => {
    const { database } = context;
    const run = (text: string) => database.run<Record<string, string>>(unnamed(text), []);
    const find: Statement = {
      name: 'find_grown',
      text: 'select g.value from unnest($1::int4[]) as t(id) join grown g on g.id = t.id',
    };
    await run(
      'create temporary table grown (id int4 primary key, value text) with (autovacuum_enabled = off)',
    );
    await run(`insert into grown select n, 'a value' from generate_series(1, 10) as n`);
    await run('analyze grown');
    for (let lease = 0; lease < 8; lease += 1) await database.run(find, [[1]]);
    const [prepared] = await run(
      `select name from pg_prepared_statements where name like '%find_grown'`,
    );
    const explain = async (): Promise<string> =>
      (await run(`explain execute "${prepared!['name']}" ('{1}')`))
        .map((row) => row['QUERY PLAN'])
        .join('\n');
    expect(await explain()).toContain('Seq Scan');

    await run(`insert into grown select n, 'a value' from generate_series(11, 50000) as n`);
    for (let lease = 0; lease < 40; lease += 1) await database.run(find, [[1]]);
    expect(await explain()).toContain('Index Scan');
  });
});
