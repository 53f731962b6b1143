import type { TimeCursor } from '../kernel/page.ts';
import type { Database } from '../store/database.ts';
import type { Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';

/** What is decided about an arrival, as its touch holds it. */
export interface DecidedColumns {
  readonly kind: string;
  readonly source: string | null;
  readonly medium: string | null;
  readonly campaign: string | null;
  readonly content: string | null;
  readonly term: string | null;
  readonly click_id_type: string | null;
  readonly platform: string | null;
  readonly confidence: string | null;
  readonly rule: string | null;
  readonly channel: string | null;
  readonly rules_version: string | null;
  readonly referrer_host: string | null;
}

export interface StoredTouch extends DecidedColumns {
  readonly id: string;
  readonly visitor_id: string;
  readonly session_id: string | null;
  readonly occurred_at: Date;
  readonly link_id: string | null;
  readonly url: string | null;
  readonly referrer: string | null;
  readonly user_agent: string | null;
}

export const decidedColumns = [
  'kind',
  'source',
  'medium',
  'campaign',
  'content',
  'term',
  'click_id_type',
  'platform',
  'confidence',
  'rule',
  'channel',
  'rules_version',
  'referrer_host',
] as const satisfies ReadonlyArray<keyof DecidedColumns>;

export interface TouchSpan {
  readonly from: Date;
  readonly to: Date;
}

const columns = decidedColumns.map((column) => `t.${column}`).join(', ');
/** What was said by the sender, and not decided by rules, has no version of them. */
const decided = `t.workspace_id = $1 and t.occurred_at >= $2 and t.occurred_at < $3 and t.rules_version is not null`;

export async function countTouches(
  database: Database,
  workspaceId: string,
  { from, to }: TouchSpan,
): Promise<number> {
  const { schema } = database;
  const [row] = await database.run<{ touches: number }>(
    {
      name: `${schema}.count_decided_touches`,
      text: `select count(*)::int4 as touches from ${quote(schema)}.touch t where ${decided}`,
    },
    [workspaceId, from, to],
  );
  return row?.touches ?? 0;
}

/** Touches of a span in the order of (time, id), so that a click comes before its landing. */
export async function findTouches(
  database: Database,
  workspaceId: string,
  { from, to, after, limit }: TouchSpan & { after: TimeCursor | undefined; limit: number },
): Promise<StoredTouch[]> {
  const schema = quote(database.schema);
  return database.run<StoredTouch>(
    {
      name: `${database.schema}.find_decided_touches`,
      text: `
select t.id, t.visitor_id, t.session_id, t.occurred_at, t.link_id, t.url, t.referrer, s.user_agent, ${columns}
from ${schema}.touch t left join ${schema}.session s on s.workspace_id = t.workspace_id and s.id = t.session_id
where ${decided} and (t.occurred_at, t.id) > ($4::timestamptz, $5::uuid)
order by t.occurred_at, t.id limit $6`,
    },
    [workspaceId, from, to, after?.at ?? new Date(from.getTime() - 1), after?.id ?? nobody, limit],
  );
}

const nobody = '00000000-0000-0000-0000-000000000000';

/** Clicks by their ids, as they are decided. */
export async function findClicks(
  database: Database,
  workspaceId: string,
  ids: readonly string[],
): Promise<Array<DecidedColumns & { readonly id: string }>> {
  if (ids.length === 0) return [];
  return database.run<DecidedColumns & { readonly id: string }>(
    {
      name: `${database.schema}.find_decided_clicks`,
      text: `
select t.id, ${columns} from ${quote(database.schema)}.touch t
where t.workspace_id = $1 and t.id = any($2::uuid[]) and t.kind = 'click'`,
    },
    [workspaceId, ids],
  );
}

/** In the order of ids, as all who write several touches do. */
export async function updateTouches(
  tx: Transaction,
  schemaName: string,
  workspaceId: string,
  touches: ReadonlyArray<DecidedColumns & { readonly id: string }>,
): Promise<void> {
  const table = `${quote(schemaName)}.touch`;
  await tx.run(
    {
      name: `${schemaName}.update_decided_touches`,
      text: `
with changed as (
  select * from unnest($2::uuid[], ${decidedColumns.map((_, at) => `$${at + 3}::text[]`).join(', ')}) as c(id, ${decidedColumns.join(', ')})
), locked as materialized (
  select t.id from ${table} t where t.workspace_id = $1 and t.id in (select id from changed) order by t.id for no key update
)
update ${table} t set ${decidedColumns.map((column) => `${column} = c.${column}`).join(', ')}
from changed c join locked l on l.id = c.id where t.workspace_id = $1 and t.id = c.id`,
    },
    [
      workspaceId,
      touches.map(({ id }) => id),
      ...decidedColumns.map((column) => touches.map((touch) => touch[column])),
    ],
  );
}
