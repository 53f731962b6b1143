import { clickIds, withoutClickIds } from '../sources/click-ids.ts';
import { timestamp } from '../store/batch-insert.ts';
import type { Statement } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';

/** A table whose rows have addresses of pages. */
interface AddressTable {
  readonly table: 'event' | 'touch' | 'session' | 'visitor';
  /** When what the addresses are of happened. */
  readonly time: string;
  /** Two at most. */
  readonly addresses: readonly [string] | readonly [string, string];
  /** What else has to go with them, and by which condition it is found. */
  readonly more?: { readonly set: string; readonly where?: string };
}

/**
 * Whatever holds the address of a page, or where it was reached from.
 * @public
 */
export const addressTables: readonly AddressTable[] = [
  { table: 'event', time: 'occurred_at', addresses: ['url', 'referrer'] },
  {
    table: 'touch',
    time: 'occurred_at',
    addresses: ['url', 'referrer'],
    more: { set: 'signals = null', where: 'signals is not null' },
  },
  { table: 'session', time: 'last_event_at', addresses: ['entry_url', 'exit_url'] },
  {
    table: 'visitor',
    time: 'session_last_at',
    addresses: ['session_exit_url'],
    // A process that remembers the row would write the old address back.
    more: { set: 'revision = t.revision + 1' },
  },
];

/**
 * Rows that one statement looks at: little enough that nobody waits for it.
 * @public
 */
export const pageSize = 5_000;
const nil = '00000000-0000-0000-0000-000000000000';

interface FoundRow {
  readonly id: string;
  readonly at: Date | null;
  readonly first: string | null;
  readonly second: string | null;
  readonly due: boolean;
  readonly size: number;
}

/**
 * Cuts the ids of advertising clicks out of what a workspace stored before a moment, a page of rows at a time; each
 * page commits by itself, so what was done stays done when a run is cut off. Events are read in the order of their
 * time, from `since` on; of the other tables every row is passed by, and those from `since` on are looked at.
 *
 * @param since,before in milliseconds
 * @returns how many rows had any
 */
export async function cutClickIds(
  database: Database,
  workspaceId: string,
  { since, before }: { readonly since: number; readonly before: number },
): Promise<number> {
  let changed = 0;
  for (const table of addressTables) {
    const { find, update } = statementsFor(database.schema, table);
    const inTime = table.table === 'event';
    const start = Number.isFinite(since) ? timestamp(since) : '-infinity';
    let after = { id: nil, at: start };
    for (;;) {
      // The embedded database answers without waiting for anything, so that nobody else would have a turn before the end.
      await new Promise((resolve) => setImmediate(resolve));
      const rows = await database.run<FoundRow>(find, [
        workspaceId,
        timestamp(before),
        after.id,
        inTime ? after.at : start,
      ]);
      const cut = rows.filter((row) => row.due).flatMap((row) => cutRow(table, row));
      if (cut.length > 0) {
        const [done] = await database.run<{ count: number }>(update, [
          workspaceId,
          timestamp(before),
          JSON.stringify(cut),
        ]);
        changed += done?.count ?? 0;
      }
      const last = rows.at(-1);
      if (last === undefined || last.size < pageSize) break;
      after = { id: last.id, at: last.at === null ? start : timestamp(last.at.getTime()) };
    }
  }
  return changed;
}

function cutRow({ more }: AddressTable, row: FoundRow) {
  const first = row.first === null ? null : withoutClickIds(row.first);
  const second = row.second === null ? null : withoutClickIds(row.second);
  // The search takes more than what is meant: `?gclid_of=…`, or a name that is written in another way.
  const isClean = first === row.first && second === row.second;
  return isClean && more?.where === undefined ? [] : [{ id: row.id, at: row.at, first, second }];
}

/**
 * The last row of a page always comes back, as the place to go on from; of the others only those that may have one.
 * Which parameters these are is decided by the same function that keeps them out of new rows.
 */
function statementsFor(
  schemaName: string,
  { table, time, addresses, more }: AddressTable,
): { readonly find: Statement; readonly update: Statement } {
  const schema = quote(schemaName);
  const [first, second] = addresses;
  const inTime = table === 'event';
  const order = inTime ? `t.${time}, t.id` : 't.id';
  const after = inTime
    ? `t.${time} < $2::timestamptz and (t.${time}, t.id) > ($4::timestamptz, $3::uuid)`
    : 't.id > $3::uuid';
  const mayHave = addresses.map((address) => `t.${address} ~* '${candidates}'`);
  if (more?.where !== undefined) mayHave.push(`t.${more.where}`);
  const find = `
with page as (
  select t.id, t.${time} as at, t.${first} as first, ${second === undefined ? 'null' : `t.${second}`} as second,
    coalesce(t.${time} < $2::timestamptz and t.${time} >= $4::timestamptz and (${mayHave.join(' or ')}), false) as due
  from ${schema}.${table} t where t.workspace_id = $1 and ${after} order by ${order} limit ${pageSize}),
counted as (select page.*, row_number() over (order by ${inTime ? 'at, id' : 'id'}) as place, count(*) over () as size from page)
select id, at, first, second, due, size::int4 as size from counted where due or place = size order by place`;
  // Locked in the order of ids first, as batches do.
  const update = `
with new as (
  select * from jsonb_to_recordset($3::jsonb) as n(id uuid, at timestamptz, first text, second text)),
held as (
  select t.id from ${schema}.${table} t join new on new.id = t.id and new.at = t.${time}
  where t.workspace_id = $1 order by t.id for no key update of t),
cut as (
  update ${schema}.${table} t set ${first} = new.first${second === undefined ? '' : `, ${second} = new.second`}${more === undefined ? '' : `, ${more.set}`}
  from new join held on held.id = new.id
  where t.workspace_id = $1 and t.id = new.id and t.${time} = new.at and t.${time} < $2::timestamptz returning 1)
select count(*)::int4 as count from cut`;
  return {
    find: { name: `${schemaName}.find_click_ids_${table}`, text: find },
    update: { name: `${schemaName}.cut_click_ids_${table}`, text: update },
  };
}

const names = clickIds.map(({ parameter }) => parameter).join('|');
/** Names with a percent sign in them are looked at too: `%67clid` is one. Letters count in either case. */
const candidates = `[?&#]([^?&#=]*%|(${names})(=|&|#|[?]|$))|%(3f|26|23)([^?&#=]*%|(${names})(%3d|=|&|#|[?]|$))`;
