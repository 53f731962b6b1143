import type { Transaction } from '../store/connection.ts';
import { createDeviceUsers, sharedDeviceWindow } from '../visitors/device-users.ts';
import { createIdentityGraph } from '../visitors/identity-graph.ts';
import type { JoinResult, NamedNode } from '../visitors/identity-graph.ts';
import { clickedBy, identifierKind, namedById } from '../visitors/identifier-kind.ts';
import type {
  EvidenceRow,
  IdentityStore,
  MergeRow,
  RefusalRow,
} from '../visitors/identity-store.ts';
import type { VisitorState } from '../visitors/visitor-store.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { BatchPlan, PlannedEvent, PlannedNode } from './batch-plan.ts';
import type { IdentityOutcome } from './event.ts';

/** Who one event was, after the batch's joins. */
export interface ResolvedEvent {
  readonly planned: PlannedEvent;
  /** `null` for machines. */
  readonly stamped: string | null;
  readonly identity: IdentityOutcome;
  /** It is the single landing of a click, and both sides are one person. */
  readonly joinedClick: boolean;
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
  /** Members of people that somebody joined by hand: an undo does not keep them apart any more. */
  readonly reunited: readonly string[];
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
  states: ReadonlyMap<string, VisitorState>,
  landed: ReadonlySet<string>,
  recordedAt: number,
): Promise<IdentityStep> {
  if (events.every((planned) => planned.nodes.length <= 1))
    return resolveAlone(events, states, landed);
  const graph = createIdentityGraph();
  for (const visitor of states.values()) {
    graph.addNode({ id: visitor.id, root: visitor.root_id, firstSeenAt: visitor.first_seen_at });
  }
  const currentOf = new Map<string, string>();
  for (const visitor of states.values()) {
    if (visitor.current_visitor_id !== null) currentOf.set(visitor.id, visitor.current_visitor_id);
  }
  const deviceUsers = createDeviceUsers();
  const personOf = (visitorId: string): string =>
    graph.has(visitorId) ? graph.rootOf(visitorId) : visitorId;
  if (plan.joinRoots.length > 0) await loadRules();

  const resolved: ResolvedEvent[] = [];
  const merges: MergeRow[] = [];
  const mergeMembers: Array<{ mergeId: string; visitorId: string }> = [];
  const refusals: RefusalRow[] = [];
  const evidence: EvidenceRow[] = [];
  const handOvers = new Map<string, string>();
  const moved = new Set<string>();
  const changedRoots = new Set<string>();
  const reunited = new Set<string>();

  for (const planned of events) {
    const { event, blocked, weak } = planned.recognised;
    if (planned.nodes.length === 0) {
      resolved.push({ planned, stamped: null, identity: nobody, joinedClick: false });
      continue;
    }
    for (const node of planned.nodes) {
      if (graph.has(node.visitorId)) continue;
      graph.addNode({ id: node.visitorId, root: node.visitorId, firstSeenAt: event.occurredAt });
      graph.addIdentifier({ visitorId: node.visitorId, kind: node.kind });
    }
    const lands = planned.landing !== undefined && landed.has(planned.landing.id);
    const taking = planned.nodes.filter((node) => lands || node.kind !== clickedBy);
    const named: NamedNode[] = taking.map((node) => ({
      visitorId: node.visitorId,
      standsFor: currentOf.get(node.visitorId) ?? node.visitorId,
      kind: node.kind,
      isNew: node.isNew,
    }));
    for (const node of taking) {
      if (isDevice(node))
        graph.markShared(
          node.visitorId,
          deviceUsers.isShared(node.visitorId, event.occurredAt, personOf),
        );
    }
    const demoted = [...blocked, ...weak.map((identifier) => identifier.kind.kind)];
    const reunites = event.sameAsVisitorId !== undefined;
    const result = graph.join(named, { reunites });
    if (reunites && result.merges.length > 0)
      for (const member of graph.members(graph.rootOf(result.stamped))) reunited.add(member);
    const reason = reasonOf(planned, taking);

    for (const merge of result.merges) {
      const id = dependencies.createId();
      merges.push({
        id,
        winnerId: merge.winner,
        loserId: merge.loser,
        eventId: event.id,
        reason,
        actor: event.actor ?? null,
        occurredAt: event.occurredAt,
        recordedAt,
      });
      changedRoots.add(merge.winner).add(merge.loser);
      for (const visitorId of merge.members) {
        mergeMembers.push({ mergeId: id, visitorId });
        if (states.has(visitorId)) moved.add(visitorId);
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
        reason,
      });
    }
    // A second person on a known device: from now on the device is theirs, until somebody else proves to use it.
    const taken = changedHands(taking, named, result.refusals);
    for (const { node, reason: why } of taken) {
      handOvers.set(node.visitorId, result.stamped);
      currentOf.set(node.visitorId, result.stamped);
      if (why === 'different_external_id')
        deviceUsers.add(node.visitorId, result.stamped, event.occurredAt, event.occurredAt);
    }
    const rotate = taken.some(({ node }) => node === planned.device);
    const joinedClick =
      lands &&
      !result.refusals.some((refused) => refused.node.visitorId === planned.landing?.visitor_id);
    resolved.push({
      planned,
      stamped: result.stamped,
      identity: outcomeOf(planned, result, demoted, rotate),
      joinedClick,
    });
  }

  return {
    resolved,
    rootOf: personOf,
    moves: [...moved].map((id) => [id, graph.rootOf(id)] as const),
    changedRoots: [...changedRoots],
    winners: [...new Set(merges.map((merge) => graph.rootOf(merge.winnerId)))],
    merges,
    mergeMembers,
    refusals,
    evidence,
    handOvers: [...handOvers],
    reunited: [...reunited],
  };

  async function loadRules(): Promise<void> {
    const members = [...states.keys()];
    const joining = events.filter((planned) => planned.nodes.length > 1);
    const devices = new Set(
      joining.flatMap((planned) => planned.nodes.filter(isDevice).map((node) => node.visitorId)),
    );
    const oldest = Math.min(...joining.map((planned) => planned.recognised.event.occurredAt));
    const [identities, apart, users] = await Promise.all([
      dependencies.identities.findIdentitiesOf(tx, workspace.id, members),
      dependencies.identities.findKeptApart(tx, workspace.id, members),
      dependencies.identities.findDeviceUsers(
        tx,
        workspace.id,
        [...devices],
        oldest - sharedDeviceWindow,
      ),
    ]);
    const bound = new Set([...plan.allocated.values()].map((entry) => entry.visitorId));
    for (const row of identities) {
      // What this batch has just bound is added with the event that names it.
      if (bound.has(row.visitor_id)) continue;
      graph.addIdentifier({
        visitorId: row.visitor_id,
        kind: identifierKind(row.kind, workspace.settings),
      });
    }
    for (const row of apart) graph.keepApart(row.visitor_id, row.other_visitor_id);
    for (const row of users) {
      const user = graph.has(row.other_visitor_id) ? row.other_visitor_id : row.other_root_id;
      deviceUsers.add(row.visitor_id, user, row.first_at.getTime(), row.last_at.getTime());
    }
  }
}

/** Nothing to join: each event is whoever its one visitor is. */
function resolveAlone(
  events: readonly PlannedEvent[],
  states: ReadonlyMap<string, VisitorState>,
  landed: ReadonlySet<string>,
): IdentityStep {
  return {
    resolved: events.map((planned) => {
      const [node] = planned.nodes;
      if (node === undefined)
        return { planned, stamped: null, identity: nobody, joinedClick: false };
      const { blocked, weak } = planned.recognised;
      const outcome = node.isNew ? 'created' : 'known';
      return {
        planned,
        stamped: states.get(node.visitorId)?.current_visitor_id ?? node.visitorId,
        identity:
          blocked.length === 0 && weak.length === 0
            ? { outcome }
            : { outcome, demoted: [...blocked, ...weak.map(({ kind }) => kind.kind)] },
        joinedClick: planned.landing !== undefined && landed.has(planned.landing.id),
      };
    }),
    rootOf: (visitorId) => states.get(visitorId)?.root_id ?? visitorId,
    ...noJoins,
  };
}

const nobody: IdentityOutcome = { outcome: 'none' };
const noJoins = {
  moves: [],
  changedRoots: [],
  winners: [],
  merges: [],
  mergeMembers: [],
  refusals: [],
  evidence: [],
  handOvers: [],
  reunited: [],
} as const;

/** A device that an identifier names: what is named by its id or by a click may be any visitor of a person. */
function isDevice(node: PlannedNode): boolean {
  return node.identifier !== undefined && node.kind.strength === 'device';
}

/**
 * Why the nodes are named together. It also tells how many of the last ones no identifier names, which `rebuild` has
 * to know (visitors/rebuild-identities.ts).
 */
function reasonOf({ recognised: { event } }: PlannedEvent, taking: readonly PlannedNode[]): string {
  if (taking.at(-1)?.kind === clickedBy) return 'hw_click';
  if (event.sameAsVisitorId !== undefined) return 'merge';
  return taking.at(-1)?.kind === namedById ? 'visitor_id' : event.type;
}

function changedHands(
  taking: readonly PlannedNode[],
  named: readonly NamedNode[],
  refusals: JoinResult['refusals'],
): ReadonlyArray<{ readonly node: PlannedNode; readonly reason: string }> {
  return refusals.flatMap(({ node: refused, reason }) => {
    const node = taking[named.indexOf(refused)];
    if (node === undefined || !isDevice(node)) return [];
    return reason === 'different_external_id' || reason === 'shared_device'
      ? [{ node, reason }]
      : [];
  });
}

function outcomeOf(
  planned: PlannedEvent,
  result: JoinResult,
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
