import { batchInsert, timestamp } from '../store/batch-insert.ts';
import type { Columns } from '../store/batch-insert.ts';
import type { Statement, Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';

/** An identifier on its way to being bound: `valueHash` is keyed by the workspace, `value` encrypted. */
export interface NewIdentity {
  readonly kind: string;
  readonly valueHash: Buffer;
  readonly visitorId: string;
  readonly value: Buffer | null;
  readonly eventId: string;
  readonly firstSeenAt: number;
}

export interface EvidenceRow {
  readonly eventId: string;
  readonly occurredAt: number;
  readonly recordedAt: number;
  readonly visitorIds: readonly string[];
  readonly reason: string;
}

export interface MergeRow {
  readonly id: string;
  readonly winnerId: string;
  readonly loserId: string;
  readonly eventId: string;
  readonly reason: string;
  readonly actor: string | null;
  readonly occurredAt: number;
  readonly recordedAt: number;
}

export interface RefusalRow {
  readonly id: string;
  readonly eventId: string;
  readonly reason: string;
  readonly visitorId: string;
  readonly otherVisitorId: string;
  readonly occurredAt: number;
  readonly recordedAt: number;
}

export interface DeviceUserRow {
  readonly visitor_id: string;
  readonly other_visitor_id: string;
  readonly other_root_id: string;
  readonly first_at: Date;
  readonly last_at: Date;
}

export type IdentityStore = ReturnType<typeof createIdentityStore>;

/** Three tell that a device is shared; several visitors may be one of them. */
const deviceUsersMax = 30;

export function createIdentityStore(schemaName: string) {
  const schema = quote(schemaName);
  const find: Statement = {
    name: `${schemaName}.find_identities`,
    text: `
select i.kind, encode(i.value_hash, 'hex') as value_hash, i.visitor_id
from unnest($2::text[], $3::bytea[]) as t(kind, value_hash)
join ${schema}.identity i on i.workspace_id = $1 and i.kind = t.kind and i.value_hash = t.value_hash`,
  };
  const columns: Columns<NewIdentity> = {
    kind: ['text', (row) => row.kind],
    value_hash: ['bytea', (row) => row.valueHash],
    visitor_id: ['uuid', (row) => row.visitorId],
    value: ['bytea', (row) => row.value],
    event_id: ['uuid', (row) => row.eventId],
    first_seen_at: ['timestamptz', (row) => row.firstSeenAt],
  };
  const bind = batchInsert(
    schemaName,
    'identity',
    columns,
    'order by t.kind, t.value_hash on conflict do nothing returning true as ok',
    'bind_identities',
  );
  const write = batchInsert(
    schemaName,
    'identity',
    columns,
    'order by t.kind, t.value_hash returning true as ok',
  );
  const ofVisitors: Statement = {
    name: `${schemaName}.identities_of_visitors`,
    text: `select visitor_id, kind from ${schema}.identity where workspace_id = $1 and visitor_id = any($2::uuid[])`,
  };
  const apart: Statement = {
    name: `${schemaName}.kept_apart`,
    text: `
select visitor_id, other_visitor_id from ${schema}.kept_apart
where workspace_id = $1 and (visitor_id = any($2::uuid[]) or other_visitor_id = any($2::uuid[]))`,
  };
  // Materialized: otherwise a planner without statistics looks the users up once for each visitor of the workspace.
  const reunite: Statement = {
    name: `${schemaName}.reunite`,
    text: `
delete from ${schema}.kept_apart
where workspace_id = $1 and visitor_id = any($2::uuid[]) and other_visitor_id = any($2::uuid[])`,
  };
  const deviceUsers: Statement = {
    name: `${schemaName}.device_users`,
    text: `
with users as materialized (
  select d.id as visitor_id, u.other_visitor_id, u.first_at, u.last_at
  from unnest($2::uuid[]) as d(id)
  cross join lateral (
    select r.other_visitor_id, min(r.occurred_at) as first_at, max(r.occurred_at) as last_at
    from ${schema}.merge_refusal r
    where r.workspace_id = $1 and r.visitor_id = d.id and r.reason = 'different_external_id' and r.occurred_at > $3::timestamptz
    group by r.other_visitor_id order by last_at desc limit ${deviceUsersMax}
  ) u
)
select u.visitor_id, u.other_visitor_id, v.root_id as other_root_id, u.first_at, u.last_at
from users u join ${schema}.visitor v on v.workspace_id = $1 and v.id = u.other_visitor_id
order by u.last_at`,
  };
  const evidence = batchInsert<EvidenceRow>(
    schemaName,
    'identity_evidence',
    {
      event_id: ['uuid', (row) => row.eventId],
      occurred_at: ['timestamptz', (row) => row.occurredAt],
      recorded_at: ['timestamptz', (row) => row.recordedAt],
      visitor_ids: ['uuid[]', (row) => `{${row.visitorIds.join(',')}}`],
      reason: ['text', (row) => row.reason],
    },
    'on conflict do nothing',
  );
  const merges = batchInsert<MergeRow>(schemaName, 'merge', {
    id: ['uuid', (row) => row.id],
    winner_id: ['uuid', (row) => row.winnerId],
    loser_id: ['uuid', (row) => row.loserId],
    event_id: ['uuid', (row) => row.eventId],
    reason: ['text', (row) => row.reason],
    actor: ['text', (row) => row.actor],
    occurred_at: ['timestamptz', (row) => row.occurredAt],
    recorded_at: ['timestamptz', (row) => row.recordedAt],
  });
  const members = batchInsert<{ mergeId: string; visitorId: string }>(schemaName, 'merge_member', {
    merge_id: ['uuid', (row) => row.mergeId],
    visitor_id: ['uuid', (row) => row.visitorId],
  });
  const refusals = batchInsert<RefusalRow>(schemaName, 'merge_refusal', {
    id: ['uuid', (row) => row.id],
    event_id: ['uuid', (row) => row.eventId],
    reason: ['text', (row) => row.reason],
    visitor_id: ['uuid', (row) => row.visitorId],
    other_visitor_id: ['uuid', (row) => row.otherVisitorId],
    occurred_at: ['timestamptz', (row) => row.occurredAt],
    recorded_at: ['timestamptz', (row) => row.recordedAt],
  });

  return {
    find,
    /** Binds in the order of (kind, hash), which every process keeps; returns how many were not bound before. */
    async bindIdentities(
      tx: Transaction,
      workspaceId: string,
      rows: readonly NewIdentity[],
    ): Promise<number> {
      const bound = await tx.run(bind.statement, bind.values(workspaceId, rows));
      return bound.length;
    },
    /** The same without an answer: fails where one is bound already. */
    writeIdentities(tx: Transaction, workspaceId: string, rows: readonly NewIdentity[]): void {
      tx.write(write.statement, write.values(workspaceId, rows), rows.length);
    },
    findIdentitiesOf(tx: Transaction, workspaceId: string, visitorIds: readonly string[]) {
      return tx.run<{ visitor_id: string; kind: string }>(ofVisitors, [workspaceId, visitorIds]);
    },
    findKeptApart(tx: Transaction, workspaceId: string, visitorIds: readonly string[]) {
      return tx.run<{ visitor_id: string; other_visitor_id: string }>(apart, [
        workspaceId,
        visitorIds,
      ]);
    },
    /** Who proved to be somebody else on each device since a time: the latest ones, oldest first. */
    findDeviceUsers(
      tx: Transaction,
      workspaceId: string,
      visitorIds: readonly string[],
      since: number,
    ) {
      return tx.run<DeviceUserRow>(deviceUsers, [workspaceId, visitorIds, timestamp(since)]);
    },
    /** Members of one person are not kept apart from each other any more. */
    reunite(tx: Transaction, workspaceId: string, visitorIds: readonly string[]): Promise<unknown> {
      return tx.run(reunite, [workspaceId, visitorIds]);
    },
    insertEvidence(
      tx: Transaction,
      workspaceId: string,
      rows: readonly EvidenceRow[],
    ): Promise<unknown> {
      return tx.run(evidence.statement, evidence.values(workspaceId, rows));
    },
    insertMerges(
      tx: Transaction,
      workspaceId: string,
      rows: readonly MergeRow[],
      moved: ReadonlyArray<{ mergeId: string; visitorId: string }>,
    ): Promise<unknown> {
      void tx.run(merges.statement, merges.values(workspaceId, rows));
      return tx.run(members.statement, members.values(workspaceId, moved));
    },
    insertRefusals(
      tx: Transaction,
      workspaceId: string,
      rows: readonly RefusalRow[],
    ): Promise<unknown> {
      return tx.run(refusals.statement, refusals.values(workspaceId, rows));
    },
  };
}
