import { markAllHours } from '../analytics/empty-hours.ts';
import type { Context } from '../context.ts';
import { recreditPeople } from '../attribution/recredit-people.ts';
import { timestamp } from '../store/batch-insert.ts';
import { quote } from '../store/migrate.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createDeviceUsers } from './device-users.ts';
import { createIdentityGraph } from './identity-graph.ts';
import { identifierKind, namedById } from './identifier-kind.ts';
import type { IdentifierKind } from './identifier-kind.ts';
import { createIdentityStore } from './identity-store.ts';
import type { MergeRow } from './identity-store.ts';
import { createVisitorStore } from './visitor-store.ts';

export interface RebuildReport {
  readonly visitors: number;
  readonly evidence: number;
  readonly people: number;
  /** Visitors whose person changed. */
  readonly moved: number;
}

/**
 * Makes the canonical people: every piece of evidence again, in the order of (time, event id), with the rules of
 * today. Where nothing was refused the people stay as they are. Merges that were undone stay undone. All of it is one
 * transaction, which holds up the workspace's ingest while it runs.
 */
export async function rebuildIdentities(
  context: Context,
  workspace: Workspace,
): Promise<RebuildReport> {
  const { database } = context;
  const schema = quote(database.schema);
  const name = (text: string): string => `${database.schema}.rebuild_${text}`;
  const identities = createIdentityStore(database.schema);
  const visitors = createVisitorStore(database.schema);
  const recordedAt = context.clock.now();

  return database.transact(async (tx) => {
    const lock = {
      name: name('lock'),
      text: `select id, root_id, first_seen_at, current_visitor_id from ${schema}.visitor where workspace_id = $1 and erased_at is null order by id for no key update`,
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
        text: `select visitor_id, kind, event_id from ${schema}.identity where workspace_id = $1`,
      },
      [workspace.id],
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
    await visitors.bumpVersions(
      tx,
      workspace.id,
      rows.map((row) => row.id),
    );
    const known = rows.map((row) => row.id);
    await markAllHours(tx, database.schema, workspace.id);
    // The log holds what makes the people of now; merges that somebody undid stay in it as history.
    await tx.run(
      {
        name: name('forget_members'),
        text: `delete from ${schema}.merge_member m using ${schema}.merge g where m.workspace_id = $1 and g.workspace_id = $1 and g.id = m.merge_id and g.undone_at is null and g.loser_id = any($2::uuid[])`,
      },
      [workspace.id, known],
    );
    await tx.run(
      {
        name: name('forget_merges'),
        text: `delete from ${schema}.merge where workspace_id = $1 and undone_at is null and loser_id = any($2::uuid[])`,
      },
      [workspace.id, known],
    );
    if (merges.length > 0) await identities.insertMerges(tx, workspace.id, merges, members);
    await tx.run(
      {
        name: name('newest_conversion'),
        text: `
update ${schema}.visitor r set revision = r.revision + 1, last_conversion_at = n.newest
from (
  select v.root_id, max(c.occurred_at) as newest from ${schema}.visitor v
  join ${schema}.conversion c on c.workspace_id = v.workspace_id and c.visitor_id = v.id
  where v.workspace_id = $1 group by v.root_id
) n where r.workspace_id = $1 and r.id = n.root_id`,
      },
      [workspace.id],
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

/** How many of the last visitors of a piece of evidence no identifier named, but a click, an id or somebody's word. */
function namedOtherwise(reason: string): number {
  if (reason === 'merge') return 2;
  return reason === 'hw_click' || reason === 'visitor_id' ? 1 : 0;
}

function isDevice(kind: IdentifierKind): boolean {
  return kind.strength === 'device' && kind !== namedById;
}
