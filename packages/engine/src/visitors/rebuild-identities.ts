import { markAllHours } from '../analytics/empty-hours.ts';
import type { Context } from '../context.ts';
import { recreditPeople } from '../attribution/recredit-people.ts';
import { timestamp } from '../store/batch-insert.ts';
import { quote } from '../store/migrate.ts';
import type { Transaction } from '../store/connection.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createDeviceUsers } from './device-users.ts';
import { namedOtherwise } from './evidence-order.ts';
import { createIdentityGraph } from './identity-graph.ts';
import { identifierKind, namedById } from './identifier-kind.ts';
import type { IdentifierKind } from './identifier-kind.ts';
import { createIdentityStore } from './identity-store.ts';
import type { MergeRow } from './identity-store.ts';
import { createVisitorStore } from './visitor-store.ts';

export interface RebuildReport {
  /** Who was ever named together with somebody. */
  readonly visitors: number;
  readonly evidence: number;
  readonly people: number;
  /** Visitors whose person changed. */
  readonly moved: number;
}

/**
 * Makes the canonical people: every piece of evidence again, in the order of (time, event id), with the rules of
 * today. Where nothing was refused the people stay as they are. Merges that were undone stay undone. All of it is one
 * transaction, which locks whoever was ever named together with somebody; everybody else's events go on coming in.
 */
export async function rebuildIdentities(
  context: Context,
  workspace: Workspace,
): Promise<RebuildReport> {
  const { database } = context;
  const schema = quote(database.schema);
  const name = (text: string): string => `${database.schema}.rebuild_${text}`;
  const visitors = createVisitorStore(database.schema);
  const recordedAt = context.clock.now();

  return database.transact(async (tx) => {
    // Who was ever named together with somebody: all others are themselves.
    const lock = {
      name: name('lock'),
      text: `
select id, root_id, first_seen_at, current_visitor_id from ${schema}.visitor
where workspace_id = $1 and erased_at is null and (root_id <> id or current_visitor_id is not null
  or id in (select m.root_id from ${schema}.visitor m where m.workspace_id = $1 and m.root_id <> m.id)
  or id in (select unnest(e.visitor_ids) from ${schema}.identity_evidence e where e.workspace_id = $1))
order by id for no key update`,
    };
    // Twice: while the first one waited for batches, they may have added visitors to people that it now holds.
    await tx.run(lock, [workspace.id]);
    const rows = await tx.run<{
      id: string;
      root_id: string;
      first_seen_at: Date;
      current_visitor_id: string | null;
    }>(lock, [workspace.id]);
    const kinds = await tx.run<{ visitor_id: string; kind: string; event_id: string }>(
      {
        name: name('kinds'),
        text: `select visitor_id, kind, event_id from ${schema}.identity where workspace_id = $1 and visitor_id = any($2::uuid[])`,
      },
      [workspace.id, rows.map((row) => row.id)],
    );
    const apart = await tx.run<{ visitor_id: string; other_visitor_id: string }>(
      {
        name: name('apart'),
        text: `select visitor_id, other_visitor_id from ${schema}.kept_apart where workspace_id = $1`,
      },
      [workspace.id],
    );
    const evidence = await tx.run<{
      event_id: string;
      occurred_at: Date;
      visitor_ids: string[];
      reason: string;
    }>(
      {
        name: name('evidence'),
        text: `select event_id, occurred_at, visitor_ids, reason from ${schema}.identity_evidence where workspace_id = $1 order by occurred_at, event_id`,
      },
      [workspace.id],
    );

    const graph = createIdentityGraph();
    for (const row of rows)
      graph.addNode({ id: row.id, root: row.id, firstSeenAt: row.first_seen_at.getTime() });
    const kindOf = new Map<string, IdentifierKind>();
    const boundBy = new Map<string, string>();
    for (const row of kinds) {
      if (!graph.has(row.visitor_id)) continue;
      boundBy.set(row.visitor_id, row.event_id);
      const kind = identifierKind(row.kind, workspace.settings);
      kindOf.set(row.visitor_id, kind);
      graph.addIdentifier({ visitorId: row.visitor_id, kind });
    }
    for (const row of apart) graph.keepApart(row.visitor_id, row.other_visitor_id);

    const currentOf = new Map<string, string>();
    const users = createDeviceUsers();
    const merges: MergeRow[] = [];
    const members: Array<{ mergeId: string; visitorId: string }> = [];
    for (const item of evidence) {
      // What identifiers name comes first, in the order of their strength; that order is the same in every replay.
      const byIdentifier = item.visitor_ids.length - namedOtherwise(item.reason);
      const named = item.visitor_ids
        .map((id, index) => ({
          visitorId: id,
          standsFor: currentOf.get(id) ?? id,
          kind: (index < byIdentifier ? kindOf.get(id) : undefined) ?? namedById,
          isNew: boundBy.get(id) === item.event_id,
        }))
        .filter((node) => graph.has(node.visitorId));
      if (named.length < 2) continue;
      const at = item.occurred_at.getTime();
      for (const node of named) {
        if (isDevice(node.kind))
          graph.markShared(node.visitorId, users.isShared(node.visitorId, at, graph.rootOf));
      }
      const result = graph.join(named);
      for (const merge of result.merges) {
        const id = context.createId(recordedAt);
        merges.push({
          id,
          winnerId: merge.winner,
          loserId: merge.loser,
          eventId: item.event_id,
          reason: item.reason,
          actor: null,
          occurredAt: at,
          recordedAt,
        });
        for (const visitorId of merge.members) members.push({ mergeId: id, visitorId });
      }
      for (const { node, reason } of result.refusals) {
        if (
          !isDevice(node.kind) ||
          (reason !== 'different_external_id' && reason !== 'shared_device')
        )
          continue;
        currentOf.set(node.visitorId, result.stamped);
        if (reason === 'different_external_id') users.add(node.visitorId, result.stamped, at, at);
      }
    }

    const moves = rows.flatMap((row) => {
      const root = graph.rootOf(row.id);
      return root === row.root_id ? [] : [[row.id, root] as const];
    });
    const handOvers = rows.flatMap((row) => {
      const current = currentOf.get(row.id) ?? row.id;
      return current === (row.current_visitor_id ?? row.id) ? [] : [[row.id, current] as const];
    });
    if (moves.length > 0) await visitors.pointVisitors(tx, workspace.id, moves);
    if (handOvers.length > 0) await visitors.handOverDevices(tx, workspace.id, handOvers);
    const changed = await replaceMerges(tx, database.schema, workspace.id, {
      merges,
      members,
      known: rows.map((row) => row.id),
    });
    for (const [id, root] of moves) changed.add(id).add(root);
    // Plans that were made with who these were are made again.
    if (changed.size > 0) await visitors.bumpVersions(tx, workspace.id, [...changed].sort());
    await markAllHours(tx, database.schema, workspace.id);
    await tx.run(
      {
        name: name('newest_conversion'),
        text: `
update ${schema}.visitor r set revision = r.revision + 1, last_conversion_at = n.newest
from (
  select v.root_id, max(c.occurred_at) as newest from ${schema}.visitor v
  join ${schema}.conversion c on c.workspace_id = v.workspace_id and c.visitor_id = v.id
    and c.type not in ('refund', 'removal')
  where v.workspace_id = $1 and v.root_id = any($2::uuid[]) group by v.root_id
) n where r.workspace_id = $1 and r.id = n.root_id and r.last_conversion_at is distinct from n.newest`,
      },
      [workspace.id, [...new Set(rows.map((row) => graph.rootOf(row.id)))]],
    );
    const roots = [...new Set(rows.map((row) => graph.rootOf(row.id)))];
    await recreditPeople(tx, database.schema, workspace.id, roots);
    context.logger.info('People were rebuilt from the evidence.', {
      at: timestamp(recordedAt),
      moved: moves.length,
    });
    return {
      visitors: rows.length,
      evidence: evidence.length,
      people: roots.length,
      moved: moves.length,
    };
  });
}

/**
 * The log holds what makes the people of now; merges that somebody undid stay in it as history, and merges that it has
 * already keep their ids. Returns the roots of those that came or went.
 */
async function replaceMerges(
  tx: Transaction,
  schemaName: string,
  workspaceId: string,
  {
    merges,
    members,
    known,
  }: {
    readonly merges: readonly MergeRow[];
    readonly members: ReadonlyArray<{ readonly mergeId: string; readonly visitorId: string }>;
    readonly known: readonly string[];
  },
): Promise<Set<string>> {
  const schema = quote(schemaName);
  const stored = await tx.run<{
    id: string;
    winner_id: string;
    loser_id: string;
    event_id: string;
    members: string[];
  }>(
    {
      name: `${schemaName}.rebuild_merges`,
      text: `
select g.id, g.winner_id, g.loser_id, g.event_id, array(
  select m.visitor_id::text from ${schema}.merge_member m where m.workspace_id = $1 and m.merge_id = g.id) as members
from ${schema}.merge g where g.workspace_id = $1 and g.undone_at is null and g.loser_id = any($2::uuid[])`,
    },
    [workspaceId, known],
  );
  const membersOf = Map.groupBy(members, (member) => member.mergeId);
  const keyOf = (winner: string, loser: string, event: string, moved: readonly string[]): string =>
    `${winner} ${loser} ${event} ${[...moved].sort().join(' ')}`;
  const wanted = new Map(
    merges.map((merge) => {
      const moved = (membersOf.get(merge.id) ?? []).map((member) => member.visitorId);
      return [keyOf(merge.winnerId, merge.loserId, merge.eventId, moved), merge] as const;
    }),
  );
  const gone: string[] = [];
  const changed = new Set<string>();
  for (const row of stored) {
    const key = keyOf(row.winner_id, row.loser_id, row.event_id, row.members);
    if (wanted.delete(key)) continue;
    gone.push(row.id);
    changed.add(row.winner_id).add(row.loser_id);
  }
  if (gone.length > 0) {
    for (const [table, column] of [
      ['merge_member', 'merge_id'],
      ['merge', 'id'],
    ] as const)
      await tx.run(
        {
          name: `${schemaName}.rebuild_forget_${table}`,
          text: `delete from ${schema}.${table} where workspace_id = $1 and ${column} = any($2::uuid[])`,
        },
        [workspaceId, gone],
      );
  }
  const fresh = [...wanted.values()];
  const freshIds = new Set(fresh.map((merge) => merge.id));
  for (const merge of fresh) changed.add(merge.winnerId).add(merge.loserId);
  if (fresh.length > 0)
    await createIdentityStore(schemaName).insertMerges(
      tx,
      workspaceId,
      fresh,
      members.filter((member) => freshIds.has(member.mergeId)),
    );
  return changed;
}

function isDevice(kind: IdentifierKind): boolean {
  return kind.strength === 'device' && kind !== namedById;
}
