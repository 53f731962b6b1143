import type { Context } from '../context.ts';
import { createCrediting } from '../attribution/credit-store.ts';
import { day } from '../kernel/clock.ts';
import { createLinkCounterStore } from '../links/link-counter-store.ts';
import { timestamp } from '../store/batch-insert.ts';
import { quote } from '../store/migrate.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createIdentityGraph } from './identity-graph.ts';
import { identifierKind, sharedDeviceUsers, sharedDeviceWindowDays } from './identifier-kind.ts';
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

/** How a visitor is named in evidence that no identifier names: by its id, or by a click. */
const namedByEvent: IdentifierKind = { kind: 'visitor_id', strength: 'device', limit: Infinity, priority: 25, readable: false };

/**
 * Makes the canonical people: every piece of evidence again, in the order of (time, event id), with the rules of
 * today. Where nothing was refused the people stay as they are. Merges that were undone stay undone. All of it is one
 * transaction, which holds up the workspace's ingest while it runs.
 */
export async function rebuildIdentities(context: Context, workspace: Workspace): Promise<RebuildReport> {
  const { database } = context;
  const schema = quote(database.schema);
  const name = (text: string): string => `${database.schema}.rebuild_${text}`;
  const identities = createIdentityStore(database.schema);
  const visitors = createVisitorStore(database.schema);
  const counters = createLinkCounterStore(database.schema);
  const creditPeople = createCrediting(database.schema);
  const recordedAt = context.clock.now();

  return database.transact(async (tx) => {
    const rows = await tx.run<{ id: string; root_id: string; first_seen_at: Date; current_visitor_id: string | null }>(
      {
        name: name('lock'),
        text: `select id, root_id, first_seen_at, current_visitor_id from ${schema}.visitor where workspace_id = $1 order by id for no key update`,
      },
      [workspace.id],
    );
    const kinds = await tx.run<{ visitor_id: string; kind: string; event_id: string }>(
      { name: name('kinds'), text: `select visitor_id, kind, event_id from ${schema}.identity where workspace_id = $1` },
      [workspace.id],
    );
    const apart = await tx.run<{ visitor_id: string; other_visitor_id: string }>(
      { name: name('apart'), text: `select visitor_id, other_visitor_id from ${schema}.kept_apart where workspace_id = $1` },
      [workspace.id],
    );
    const evidence = await tx.run<{ event_id: string; occurred_at: Date; visitor_ids: string[]; reason: string }>(
      {
        name: name('evidence'),
        text: `select event_id, occurred_at, visitor_ids, reason from ${schema}.identity_evidence where workspace_id = $1 order by occurred_at, event_id`,
      },
      [workspace.id],
    );

    const graph = createIdentityGraph();
    for (const row of rows) graph.addNode({ id: row.id, root: row.id, firstSeenAt: row.first_seen_at.getTime() });
    const kindOf = new Map<string, IdentifierKind>();
    for (const row of kinds) {
      const kind = identifierKind(row.kind, workspace.settings);
      // A visitor that weak identifiers hang on as well is what its strongest one says.
      if ((kindOf.get(row.visitor_id)?.priority ?? Infinity) > kind.priority) kindOf.set(row.visitor_id, kind);
      graph.addIdentifier({ visitorId: row.visitor_id, kind });
    }
    for (const row of apart) graph.keepApart(row.visitor_id, row.other_visitor_id);

    const currentOf = new Map<string, string>();
    const users = new Map<string, Array<{ readonly at: number; readonly user: string }>>();
    const seen = new Set<string>();
    const merges: MergeRow[] = [];
    const members: Array<{ mergeId: string; visitorId: string }> = [];
    for (const item of evidence) {
      const known = item.visitor_ids.filter((id) => graph.has(id));
      if (known.length < 2) continue;
      const named = known.map((id) => ({
        visitorId: currentOf.get(id) ?? id,
        device: id,
        kind: kindOf.get(id) ?? namedByEvent,
        isNew: !seen.has(id),
      }));
      for (const id of known) seen.add(id);
      for (const node of named) if (isShared(users.get(node.device), item.occurred_at.getTime())) graph.markShared(node.visitorId);
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
          occurredAt: item.occurred_at.getTime(),
          recordedAt,
        });
        for (const visitorId of merge.members) members.push({ mergeId: id, visitorId });
      }
      for (const refused of result.refusals) {
        const device = named.find((node) => node.visitorId === refused.node.visitorId && node.kind === refused.node.kind);
        if (device === undefined || device.kind.strength !== 'device') continue;
        if (refused.reason !== 'different_external_id' && refused.reason !== 'shared_device') continue;
        currentOf.set(device.device, result.stamped);
        const list = users.get(device.device) ?? [];
        list.push({ at: item.occurred_at.getTime(), user: result.stamped });
        users.set(device.device, list);
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
    await visitors.bumpVersions(tx, workspace.id, rows.map((row) => row.id));
    // The log holds what makes the people of now; merges that somebody undid stay in it as history.
    await tx.run(
      {
        name: name('forget_members'),
        text: `delete from ${schema}.merge_member m using ${schema}.merge g where m.workspace_id = $1 and g.workspace_id = $1 and g.id = m.merge_id and g.undone_at is null`,
      },
      [workspace.id],
    );
    await tx.run({ name: name('forget_merges'), text: `delete from ${schema}.merge where workspace_id = $1 and undone_at is null` }, [workspace.id]);
    if (merges.length > 0) await identities.insertMerges(tx, workspace.id, merges, members);
    await tx.run(
      {
        name: name('newest_conversion'),
        text: `
update ${schema}.visitor r set last_conversion_at = n.newest
from (
  select v.root_id, max(c.occurred_at) as newest from ${schema}.visitor v
  join ${schema}.conversion c on c.workspace_id = v.workspace_id and c.visitor_id = v.id
  where v.workspace_id = $1 group by v.root_id
) n where r.workspace_id = $1 and r.id = n.root_id`,
      },
      [workspace.id],
    );
    const roots = [...new Set(rows.map((row) => graph.rootOf(row.id)))];
    const credit = await creditPeople(tx, workspace.id, roots, 0);
    if (credit.links.length > 0) await counters.countLinks(tx, workspace.id, [], credit.links);
    if (credit.revenue.length > 0) await counters.addRevenue(tx, workspace.id, credit.revenue);
    context.logger.info('People were rebuilt from the evidence.', { at: timestamp(recordedAt), moved: moves.length });
    return { visitors: rows.length, evidence: evidence.length, people: roots.length, moved: moves.length };
  });
}

function isShared(users: ReadonlyArray<{ readonly at: number; readonly user: string }> | undefined, now: number): boolean {
  if (users === undefined) return false;
  const since = now - sharedDeviceWindowDays * day;
  return new Set(users.filter((use) => use.at > since).map((use) => use.user)).size + 1 >= sharedDeviceUsers;
}
