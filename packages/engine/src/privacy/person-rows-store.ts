import { timestamp } from '../store/batch-insert.ts';
import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';
import type { PersonTrace } from './person-trace-store.ts';
import { ruleOf } from './table-rule.ts';
import type { PersonTable } from './table-rule.ts';

export type StoredRow = Readonly<Record<string, unknown>>;

const pageSize = 1_000;
const nil = '00000000-0000-0000-0000-000000000000';

/** The rows of one table that are a person's, a page at a time. */
export async function* readPersonRows(
  database: Database,
  workspaceId: string,
  table: PersonTable,
  trace: PersonTrace,
): AsyncGenerator<readonly StoredRow[]> {
  const rule = ruleOf(table);
  const theirs = trace[rule.by ?? 'visitors'];
  const text = `select * from ${quote(database.schema)}.${table} where workspace_id = $1 and ${rule.where}`;
  if (rule.time === undefined) {
    const name = `${database.schema}.export_${table}`;
    yield await database.run<StoredRow>({ name, text }, [workspaceId, theirs]);
    return;
  }
  const page = {
    name: `${database.schema}.export_${table}`,
    text: `${text} and (${rule.time}, id) > ($3::timestamptz, $4::uuid) order by ${rule.time}, id limit ${pageSize}`,
  };
  let after: { readonly at: string; readonly id: string } = { at: '-infinity', id: nil };
  for (;;) {
    const rows = await database.run<StoredRow>(page, [workspaceId, theirs, after.at, after.id]);
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    after = {
      at: timestamp((last[rule.time] as Date).getTime()) ?? '-infinity',
      id: last['id'] as string,
    };
  }
}
