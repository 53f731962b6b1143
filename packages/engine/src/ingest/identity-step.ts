import { day } from '../kernel/clock.ts';
import type { Transaction } from '../store/connection.ts';
import { createIdentityGraph } from '../visitors/identity-graph.ts';
import type { NamedNode } from '../visitors/identity-graph.ts';
import { identifierKind, sharedDeviceUsers, sharedDeviceWindowDays } from '../visitors/identifier-kind.ts';
import type { EvidenceRow, IdentityStore, MergeRow, RefusalRow } from '../visitors/identity-store.ts';
import type { LockedVisitor } from '../visitors/visitor-store.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { BatchPlan, PlannedEvent } from './batch-plan.ts';
import type { IdentityOutcome } from './event.ts';

/** Who one event was, after the batch's joins. */
export interface ResolvedEvent {
  readonly planned: PlannedEvent;
  /** `null` for machines. */
  readonly stamped: string | null;
  readonly identity: IdentityOutcome;
}

export interface IdentityStep {
  readonly resolved: readonly ResolvedEvent[];
  rootOf(visitorId: string): string;
  /** Pointers of visitors that were there before the batch and move. */
  readonly moves: ReadonlyArray<readonly [id: string, root: string]>;
  /** Roots whose members changed, winners and losers. */
  readonly changedRoots: readonly string[];
  /** Roots that gained members: their credit has to be looked at again. */
  readonly winners: readonly string[];
  readonly merges: readonly MergeRow[];
  readonly mergeMembers: ReadonlyArray<{ mergeId: string; visitorId: string }>;
  readonly refusals: readonly RefusalRow[];
  readonly evidence: readonly EvidenceRow[];
  readonly handOvers: ReadonlyArray<readonly [id: string, user: string]>;
}

/**
 * Joins people within a batch, under its locks. `landed` are the clicks whose single use this batch has won.
 * Reference: identity-and-attribution §1.6, §1.7.
 */
export async function resolveIdentities(
  dependencies: { readonly identities: IdentityStore; readonly createId: () => string },
  tx: Transaction,
  workspace: Workspace,
  plan: BatchPlan,
  events: readonly PlannedEvent[],
  locked: ReadonlyMap<string, LockedVisitor>,
  landed: ReadonlySet<string>,
  recordedAt: number,
): Promise<IdentityStep> {
  const graph = createIdentityGraph();
  for (const visitor of locked.values()) {
    graph.addNode({ id: visitor.id, root: visitor.root_id, firstSeenAt: visitor.first_seen_at.getTime() });
  }
  const currentOf = new Map<string, string>();
  for (const visitor of locked.values()) {
    if (visitor.current_visitor_id !== null) currentOf.set(visitor.id, visitor.current_visitor_id);
  }
  if (plan.joinRoots.length > 0) await loadRules();

  const resolved: ResolvedEvent[] = [];
  const merges: MergeRow[] = [];
  const mergeMembers: Array<{ mergeId: string; visitorId: string }> = [];
  const refusals: RefusalRow[] = [];
  const evidence: EvidenceRow[] = [];
  const handOvers = new Map<string, string>();
  const moved = new Set<string>();
  const changedRoots = new Set<string>();

  for (const planned of events) {
    const { event, blocked, weak } = planned.recognised;
    if (planned.nodes.length === 0) {
      resolved.push({ planned, stamped: null, identity: { outcome: 'none' } });
      continue;
    }
    for (const node of planned.nodes) {
      if (graph.has(node.visitorId)) continue;
      graph.addNode({ id: node.visitorId, root: node.visitorId, firstSeenAt: event.occurredAt });
      graph.addIdentifier({ visitorId: node.visitorId, kind: node.kind });
    }
    const lands = planned.landing !== undefined && landed.has(planned.landing.id);
    const taking = planned.nodes.filter((node) => lands || node.kind.kind !== 'hw_click');
    const named: NamedNode[] = taking.map((node) => ({
      visitorId: currentOf.get(node.visitorId) ?? node.visitorId,
      kind: node.kind,
      isNew: node.isNew,
    }));
    const demoted = [...blocked, ...weak.map((identifier) => identifier.kind.kind)];
    const result = graph.join(named);

    for (const merge of result.merges) {
      const id = dependencies.createId();
      merges.push({
        id,
        winnerId: merge.winner,
        loserId: merge.loser,
        eventId: event.id,
        reason: lands ? 'hw_click' : event.type,
        actor: null,
        occurredAt: event.occurredAt,
        recordedAt,
      });
      changedRoots.add(merge.winner).add(merge.loser);
      for (const visitorId of merge.members) {
        mergeMembers.push({ mergeId: id, visitorId });
        if (locked.has(visitorId)) moved.add(visitorId);
      }
    }
    for (const refused of result.refusals) {
      refusals.push({
        id: dependencies.createId(),
        eventId: event.id,
        reason: refused.reason,
        visitorId: refused.node.visitorId,
        otherVisitorId: result.stamped,
        occurredAt: event.occurredAt,
        recordedAt,
      });
      demoted.push(refused.node.kind.kind);
    }
    if (named.length > 1) {
      evidence.push({
        eventId: event.id,
        occurredAt: event.occurredAt,
        recordedAt,
        visitorIds: taking.map((node) => node.visitorId),
        reason: lands ? 'hw_click' : event.type,
      });
    }
    // A second person on a known device: from now on the device is theirs, until somebody else proves to use it.
    const rotate = planned.device !== undefined && changesHands(planned, result.refusals);
    if (rotate) {
      handOvers.set(planned.device.visitorId, result.stamped);
      currentOf.set(planned.device.visitorId, result.stamped);
    }
    resolved.push({ planned, stamped: result.stamped, identity: outcomeOf(planned, result, demoted, rotate) });
  }

  return {
    resolved,
    rootOf: (visitorId) => (graph.has(visitorId) ? graph.rootOf(visitorId) : visitorId),
    moves: [...moved].map((id) => [id, graph.rootOf(id)] as const),
    changedRoots: [...changedRoots],
    winners: [...new Set(merges.map((merge) => graph.rootOf(merge.winnerId)))],
    merges,
    mergeMembers,
    refusals,
    evidence,
    handOvers: [...handOvers],
  };

  async function loadRules(): Promise<void> {
    const members = [...locked.keys()];
    const devices = events.flatMap((planned) => (planned.device === undefined || planned.nodes.length < 2 ? [] : [planned.device.visitorId]));
    const [identities, apart, users] = await Promise.all([
      dependencies.identities.findIdentitiesOf(tx, workspace.id, members),
      dependencies.identities.findKeptApart(tx, workspace.id, members),
      dependencies.identities.countDeviceUsers(tx, workspace.id, devices, recordedAt - sharedDeviceWindowDays * day),
    ]);
    const bound = new Set([...plan.allocated.values()].map((entry) => entry.visitorId));
    for (const row of identities) {
      // What this batch has just bound is added with the event that names it.
      if (bound.has(row.visitor_id)) continue;
      graph.addIdentifier({ visitorId: row.visitor_id, kind: identifierKind(row.kind, workspace.settings) });
    }
    for (const row of apart) graph.keepApart(row.visitor_id, row.other_visitor_id);
    // The first user of a device was never refused on it.
    for (const row of users) if (row.users + 1 >= sharedDeviceUsers) graph.markShared(row.visitor_id);
  }
}

function changesHands(
  planned: PlannedEvent,
  refusals: ReadonlyArray<{ readonly node: NamedNode; readonly reason: string }>,
): planned is PlannedEvent & { device: NonNullable<PlannedEvent['device']> } {
  return refusals.some(
    (refused) =>
      refused.node.kind === planned.device?.kind &&
      (refused.reason === 'different_external_id' || refused.reason === 'shared_device'),
  );
}

function outcomeOf(
  planned: PlannedEvent,
  result: ReturnType<ReturnType<typeof createIdentityGraph>['join']>,
  demoted: readonly string[],
  rotate: boolean,
): IdentityOutcome {
  const known = planned.nodes.filter((node) => !node.isNew).length;
  const outcome =
    result.refusals.length > 0
      ? 'refused'
      : known === 0
        ? 'created'
        : known < planned.nodes.length
          ? 'linked'
          : result.merges.length > 0
            ? 'merged'
            : 'known';
  const reason = result.refusals[0]?.reason;
  return {
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(demoted.length === 0 ? {} : { demoted }),
    ...(rotate ? { rotate } : {}),
  };
}
