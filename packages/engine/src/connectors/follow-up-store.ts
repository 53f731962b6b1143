import { timestamp } from '../store/batch-insert.ts';
import type { Database } from '../store/database.ts';
import { quote } from '../store/migrate.ts';

interface Owner {
  readonly workspaceId: string;
  readonly connector: string;
}

/** Requests that are due to be asked about; nobody else asks before `until`. */
export async function claimFollowUps(
  database: Database,
  { workspaceId, connector }: Owner,
  claim: { readonly now: number; readonly until: number; readonly limit: number },
): Promise<Array<{ readonly reference: string; readonly deliveredAt: Date }>> {
  const schema = quote(database.schema);
  const rows = await database.run<{ reference: string; delivered_at: Date }>(
    {
      name: `${database.schema}.claim_follow_ups`,
      text: `
with due as materialized (
  select distinct reference from ${schema}.dispatch
  where workspace_id = $1 and connector = $2 and follow_up_at <= $3::timestamptz and reference is not null
  limit $5::int4
), held as materialized (
  select d.id from ${schema}.dispatch d join due on due.reference = d.reference
  where d.workspace_id = $1 and d.connector = $2 and d.follow_up_at <= $3::timestamptz
  order by d.id for update of d skip locked
), taken as (
  update ${schema}.dispatch d set follow_up_at = $4::timestamptz from held
  where d.workspace_id = $1 and d.id = held.id returning d.reference, d.delivered_at)
select reference, min(delivered_at) as delivered_at from taken group by reference order by reference`,
    },
    [workspaceId, connector, timestamp(claim.now), timestamp(claim.until), claim.limit],
  );
  return rows.map((row) => ({ reference: row.reference, deliveredAt: row.delivered_at }));
}

/** Requests that were claimed and not asked about are due again then. */
export async function putOffFollowUps(
  database: Database,
  { workspaceId, connector }: Owner,
  references: readonly string[],
  until: Date,
): Promise<void> {
  await database.db
    .updateTable('dispatch')
    .set({ follow_up_at: until })
    .where('workspace_id', '=', workspaceId)
    .where('connector', '=', connector)
    .where('reference', 'in', references)
    .where('follow_up_at', 'is not', null)
    .execute();
}

/** Notes what the platform said of one request, and asks no more. */
export async function noteDiagnosis(
  database: Database,
  { workspaceId, connector }: Owner,
  diagnosis: {
    readonly reference: string;
    readonly message: string | undefined;
    readonly now: number;
  },
): Promise<void> {
  await database.db
    .updateTable('dispatch')
    .set({
      follow_up_at: null,
      updated_at: new Date(diagnosis.now),
      ...(diagnosis.message !== undefined && {
        reason: 'follow_up',
        message: diagnosis.message.slice(0, 1_000),
      }),
    })
    .where('workspace_id', '=', workspaceId)
    .where('connector', '=', connector)
    .where('reference', '=', diagnosis.reference)
    .where('follow_up_at', 'is not', null)
    .execute();
}
