import type { ConversionStore } from '../attribution/conversion-store.ts';
import type { CreditDifference, Crediting } from '../attribution/credit-store.ts';
import { conversionTypes } from './event.ts';
import type { IncomingEvent, IngestOutcome } from './event.ts';
import type { Clock } from '../kernel/clock.ts';
import type { LinkCount, LinkCounterStore, LinkRevenue } from '../links/link-counter-store.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { Transaction } from '../store/connection.ts';
import { seal } from '../security/keyring.ts';
import type { LockedVisitor, VisitorDelta, VisitorStatus } from '../visitors/visitor-store.ts';
import { visitorStatuses } from '../visitors/visitor-store.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { planBatch } from './batch-plan.ts';
import type { BatchPlan, PlannedEvent } from './batch-plan.ts';
import type { EventStore } from './event-store.ts';
import { resolveIdentities } from './identity-step.ts';
import type { IdentityStep } from './identity-step.ts';
import { hashIdentifier, nameIdentifiers, recognise } from './recognise.ts';
import type { RecogniseDependencies, Recognition, RecognisedEvent } from './recognise.ts';
import { assignVisits } from './visit-step.ts';
import type { VisitStep } from './visit-step.ts';

export interface BatchDependencies extends RecogniseDependencies {
  readonly clock: Clock;
  readonly createId: () => string;
  readonly events: EventStore;
  readonly sessions: SessionStore;
  readonly conversions: ConversionStore;
  readonly linkCounters: LinkCounterStore;
  readonly creditPeople: Crediting;
}

/** What the batch had planned with does not hold any more (another process was faster): plan again. */
class PlanOutdatedError extends Error {
  override readonly name = 'PlanOutdatedError';
}

const attemptsMax = 20;

/**
 * Writes events of one workspace in one transaction; the answers are in the order of the events. The number of
 * statements does not depend on the number of events.
 *
 * Locks are taken in one order everywhere: event keys, identifiers, visitors (each sorted), then what hangs on them
 * (sessions, touches, conversions), then counters of links; so batches never deadlock.
 */
export async function commitBatch(
  dependencies: BatchDependencies,
  workspace: Workspace,
  incoming: readonly IncomingEvent[],
): Promise<IngestOutcome[]> {
  const outcomes = new Map<IncomingEvent, IngestOutcome>();
  let open = withoutRepeats(incoming, outcomes)
    .map((event) => nameIdentifiers(event, workspace))
    .sort(byTime);
  for (let attempt = 1; open.length > 0; attempt += 1) {
    const recognition = await recognise(dependencies, workspace, open, attempt === 1);
    const plan = planBatch(open, recognition, dependencies.createId);
    for (const [item, outcome] of plan.rejected) outcomes.set(item.event, outcome);
    if (plan.events.length === 0) break;
    try {
      const settled = await attemptBatch(dependencies, workspace, plan, recognition, outcomes);
      if (settled) break;
      // Some events were accepted before, and others counted on what they would have made: plan without them.
      open = open.filter((item) => !outcomes.has(item.event));
    } catch (error) {
      if (!(error instanceof PlanOutdatedError) || attempt >= attemptsMax) throw error;
    }
  }
  return incoming.map((event) => answerOf(event, outcomes));
}

/** Two events with one key in one batch: the second is a repeat of the first, or a conflict with it. */
function withoutRepeats(incoming: readonly IncomingEvent[], outcomes: Map<IncomingEvent, IngestOutcome>): IncomingEvent[] {
  const first = new Map<string, IncomingEvent>();
  const kept: IncomingEvent[] = [];
  for (const event of incoming) {
    const earlier = first.get(event.key);
    if (earlier === undefined) {
      first.set(event.key, event);
      kept.push(event);
    } else if (earlier.digest !== event.digest) {
      outcomes.set(event, conflict(event));
    }
  }
  return kept;
}

function answerOf(event: IncomingEvent, outcomes: ReadonlyMap<IncomingEvent, IngestOutcome>): IngestOutcome {
  const own = outcomes.get(event);
  if (own !== undefined) return own;
  // A repeat within the batch answers what its first sending was answered.
  for (const [other, outcome] of outcomes) {
    if (other.key === event.key && outcome.outcome !== 'rejected') return { ...outcome, outcome: 'duplicate' };
    if (other.key === event.key && other.digest === event.digest) return outcome;
  }
  throw new Error(`The event ${event.id} was not answered.`);
}

function conflict(event: IncomingEvent): IngestOutcome {
  return {
    outcome: 'rejected',
    eventId: event.id,
    code: 'idempotency_conflict',
    message: 'This key was used before with another body.',
  };
}

function byTime(left: RecognisedEvent, right: RecognisedEvent): number {
  return left.event.occurredAt - right.event.occurredAt || (left.event.id < right.event.id ? -1 : 1);
}

/** One try. `false`: nothing was written, because some events turned out to be known; their answers are set. */
async function attemptBatch(
  dependencies: BatchDependencies,
  workspace: Workspace,
  plan: BatchPlan,
  recognition: Recognition,
  outcomes: Map<IncomingEvent, IngestOutcome>,
): Promise<boolean> {
  const { database, clock } = dependencies;
  const recordedAt = clock.now();
  const written = await database.transact(async (tx) => {
    const claiming = dependencies.events.claimKeys(tx, workspace.id, plan.events.map((planned) => planned.recognised.event));
    const binding = bindIdentifiers(dependencies, tx, workspace, plan);
    const locking =
      plan.lockIds.length === 0
        ? Promise.resolve([])
        : plan.joinRoots.length === 0
          ? dependencies.visitors.lockVisitors(tx, workspace.id, plan.lockIds)
          : dependencies.visitors.lockPeople(tx, workspace.id, plan.lockIds, plan.joinRoots);
    const [claimed, bound, rows] = await Promise.all([claiming, binding, locking]);

    const fresh = plan.events.filter((planned) => claimed.has(planned.recognised.event.key));
    if (fresh.length < plan.events.length) {
      await answerKnown(dependencies, tx, workspace, plan, claimed, outcomes);
      if (plan.allocated.size > 0 || plan.events.some((planned) => planned.landing !== undefined)) throw new KnownEventsError();
    }
    if (!bound) forgetAndRetry(dependencies, workspace, plan);
    const locked = new Map(rows.map((row) => [row.id, row]));
    verify(dependencies, workspace, plan, recognition, locked);
    return write(dependencies, tx, workspace, plan, fresh, recognition, locked, recordedAt);
  }).catch((error: unknown) => {
    if (error instanceof KnownEventsError) return undefined;
    throw error;
  });
  if (written === undefined) return false;

  remember(dependencies, workspace, plan, written.identity);
  for (const { resolved } of written.visits.events) {
    const { event } = resolved.planned.recognised;
    outcomes.set(event, {
      outcome: 'accepted',
      eventId: event.id,
      ...(resolved.stamped === null
        ? {}
        : { visitorId: resolved.stamped, personId: written.identity.rootOf(resolved.stamped) }),
      identity: resolved.identity,
    });
  }
  return true;
}

/** Thrown to roll back a batch whose plan counted on events that were accepted before. */
class KnownEventsError extends Error {
  override readonly name = 'KnownEventsError';
}

async function bindIdentifiers(
  dependencies: BatchDependencies,
  tx: Transaction,
  workspace: Workspace,
  plan: BatchPlan,
): Promise<boolean> {
  if (plan.allocated.size === 0) return true;
  const rows = [...plan.allocated.values()].map(({ visitorId, first, named }) => ({
    kind: named.kind.kind,
    valueHash: hashIdentifier(workspace, named.kind.kind, named.value),
    visitorId,
    value: named.kind.readable ? seal(workspace.dataKey, Buffer.from(named.value)) : null,
    eventId: first.event.id,
    firstSeenAt: first.event.occurredAt,
  }));
  return (await dependencies.identities.bindIdentities(tx, workspace.id, rows)) === rows.length;
}

async function answerKnown(
  dependencies: BatchDependencies,
  tx: Transaction,
  workspace: Workspace,
  plan: BatchPlan,
  claimed: ReadonlySet<string>,
  outcomes: Map<IncomingEvent, IngestOutcome>,
): Promise<void> {
  const known = plan.events.map((planned) => planned.recognised.event).filter((event) => !claimed.has(event.key));
  const rows = await dependencies.events.findKnownEvents(tx, workspace.id, known.map((event) => event.key));
  const byKey = new Map(rows.map((row) => [row.key, row]));
  for (const event of known) {
    const row = byKey.get(event.key);
    if (row === undefined) throw new PlanOutdatedError();
    outcomes.set(
      event,
      BigInt.asUintN(64, row.digest).toString(16).padStart(16, '0') === event.digest
        ? {
            outcome: 'duplicate',
            eventId: row.event_id,
            ...(row.visitor_id === null ? {} : { visitorId: row.visitor_id, personId: row.root_id ?? row.visitor_id }),
            identity: { outcome: 'none' },
          }
        : conflict(event),
    );
  }
}

function forgetAndRetry(dependencies: BatchDependencies, workspace: Workspace, plan: BatchPlan): never {
  // Somebody else bound one of the identifiers first; the next attempt looks them up, also those called fresh.
  for (const { named } of plan.allocated.values()) {
    dependencies.memory.forgetIdentifier(workspace.id, named.kind.kind, named.value);
  }
  throw new PlanOutdatedError();
}

/** The rows under the lock have to be what the plan was made with. */
function verify(
  dependencies: BatchDependencies,
  workspace: Workspace,
  plan: BatchPlan,
  recognition: Recognition,
  locked: ReadonlyMap<string, LockedVisitor>,
): void {
  let outdated = false;
  for (const id of plan.lockIds) {
    const row = locked.get(id);
    const hint = recognition.hints.get(id);
    const holds =
      row !== undefined &&
      row.erased_at === null &&
      (hint === undefined || (row.root_id === hint.root && (row.current_visitor_id ?? row.id) === hint.current));
    if (holds) continue;
    outdated = true;
    dependencies.memory.forgetHint(id);
    if (row === undefined || row.erased_at !== null) forgetVisitor(dependencies, workspace, plan, id);
  }
  for (const root of plan.joinRoots) {
    const row = locked.get(root);
    const version = recognition.rootVersions.get(root);
    if (row !== undefined && row.root_id === root && (version === undefined || row.version === version)) continue;
    outdated = true;
    dependencies.memory.forgetHint(root);
  }
  if (outdated) throw new PlanOutdatedError();
}

function forgetVisitor(dependencies: BatchDependencies, workspace: Workspace, plan: BatchPlan, visitorId: string): void {
  for (const { nodes } of plan.events) {
    for (const node of nodes) {
      if (node.visitorId !== visitorId || node.identifier === undefined) continue;
      dependencies.memory.forgetIdentifier(workspace.id, node.identifier.kind.kind, node.identifier.value);
    }
  }
}

interface Written {
  readonly identity: IdentityStep;
  readonly visits: VisitStep;
}

async function write(
  dependencies: BatchDependencies,
  tx: Transaction,
  workspace: Workspace,
  plan: BatchPlan,
  events: readonly PlannedEvent[],
  recognition: Recognition,
  locked: ReadonlyMap<string, LockedVisitor>,
  recordedAt: number,
): Promise<Written> {
  const { visitors, identities } = dependencies;
  const landed = await landClicks(dependencies, tx, workspace, events);
  const identity = await resolveIdentities(dependencies, tx, workspace, plan, events, locked, landed, recordedAt);
  const visits = await assignVisits(dependencies, tx, workspace, identity.resolved, locked, recognition, recordedAt);
  const deltas = visitorDeltas(workspace, identity, visits, locked);

  // From here on statements are only sent; the commit waits for all of them.
  const id = workspace.id;
  if (deltas.length > 0) void visitors.upsertVisitors(tx, id, deltas);
  if (identity.moves.length > 0) void visitors.pointVisitors(tx, id, identity.moves);
  if (identity.changedRoots.length > 0) void visitors.bumpVersions(tx, id, identity.changedRoots);
  if (identity.handOvers.length > 0) void visitors.handOverDevices(tx, id, identity.handOvers);
  if (identity.merges.length > 0) void identities.insertMerges(tx, id, identity.merges, identity.mergeMembers);
  if (identity.refusals.length > 0) void identities.insertRefusals(tx, id, identity.refusals);
  if (identity.evidence.length > 0) void identities.insertEvidence(tx, id, identity.evidence);
  if (visits.sessions.length > 0) void dependencies.sessions.upsertSessions(tx, id, visits.sessions);
  if (visits.touches.length > 0) void dependencies.touches.insertTouches(tx, id, visits.touches);
  void dependencies.events.insertEvents(
    tx,
    id,
    visits.events.map((visited) => ({
      event: visited.resolved.planned.recognised.event,
      visitorId: visited.resolved.stamped,
      sessionId: visited.sessionId,
      touchId: visited.touchId,
      recordedAt,
    })),
  );
  const credit = await creditBatch(dependencies, tx, workspace, identity, visits, locked, recordedAt);
  count(dependencies, tx, workspace, visits, credit);
  return { identity, visits };
}

async function landClicks(
  dependencies: BatchDependencies,
  tx: Transaction,
  workspace: Workspace,
  events: readonly PlannedEvent[],
): Promise<Set<string>> {
  const landings = events.flatMap(({ landing, recognised }) =>
    landing === undefined
      ? []
      : [{ id: landing.id, at: recognised.event.occurredAt, signals: recognised.event.arrival?.signals }],
  );
  return landings.length === 0 ? new Set() : dependencies.touches.landClicks(tx, workspace.id, landings);
}

function isConversion(event: IncomingEvent): boolean {
  return (conversionTypes as readonly string[]).includes(event.type);
}

function visitorDeltas(
  workspace: Workspace,
  identity: IdentityStep,
  visits: VisitStep,
  locked: ReadonlyMap<string, LockedVisitor>,
): VisitorDelta[] {
  type Draft = { -readonly [Key in keyof VisitorDelta]: VisitorDelta[Key] };
  const drafts = new Map<string, Draft>();
  const draftOf = (visitorId: string, at: number): Draft => {
    let draft = drafts.get(visitorId);
    if (draft === undefined) {
      draft = {
        id: visitorId,
        rootId: identity.rootOf(visitorId),
        firstSeenAt: at,
        lastSeenAt: at,
        events: 0,
        pageviews: 0,
        sessions: 0,
        status: 'anonymous',
        identifiedAt: null,
        convertedAt: null,
        lastConversionAt: null,
        profile: null,
        session: null,
      };
      drafts.set(visitorId, draft);
    }
    draft.firstSeenAt = Math.min(draft.firstSeenAt, at);
    draft.lastSeenAt = Math.max(draft.lastSeenAt, at);
    return draft;
  };
  const raise = (draft: Draft, status: VisitorStatus): void => {
    if (visitorStatuses.indexOf(status) > visitorStatuses.indexOf(draft.status)) draft.status = status;
  };

  for (const { resolved } of visits.events) {
    const { event } = resolved.planned.recognised;
    if (resolved.stamped === null) continue;
    const at = event.occurredAt;
    const draft = draftOf(resolved.stamped, at);
    draft.events += 1;
    if (event.type === 'pageview') draft.pageviews += 1;
    if (event.profile !== undefined) draft.profile = seal(workspace.dataKey, Buffer.from(JSON.stringify(event.profile)));
    for (const node of resolved.planned.nodes) {
      // Every visitor that the event made needs its row, and the device its visit.
      if (node.isNew || node === resolved.planned.device) draftOf(node.visitorId, at);
      if (!node.kind.readable) continue;
      const named = draftOf(node.visitorId, at);
      raise(named, 'identified');
      named.identifiedAt = Math.min(named.identifiedAt ?? Infinity, at);
    }
    if (!isConversion(event)) continue;
    raise(draft, event.type === 'sale' ? 'customer' : event.type === 'lead' ? 'lead' : 'identified');
    draft.convertedAt = Math.min(draft.convertedAt ?? Infinity, at);
    const root = draftOf(identity.rootOf(resolved.stamped), at);
    root.lastConversionAt = Math.max(root.lastConversionAt ?? -Infinity, at);
  }
  for (const winner of identity.winners) {
    // The newest conversion of either side bounds where credit may still move.
    const times = identity.mergeMembers.map(({ visitorId }) => locked.get(visitorId)?.last_conversion_at?.getTime() ?? -Infinity);
    const newest = Math.max(...times);
    const row = locked.get(winner);
    if (newest > -Infinity) {
      const draft = draftOf(winner, row?.first_seen_at.getTime() ?? newest);
      draft.lastConversionAt = Math.max(draft.lastConversionAt ?? -Infinity, newest);
    }
  }
  for (const [deviceId, session] of visits.current) draftOf(deviceId, session.lastAt).session = session;
  for (const [deviceId, sessions] of visits.opened) {
    const draft = drafts.get(deviceId);
    if (draft !== undefined) draft.sessions += sessions;
  }
  return [...drafts.values()];
}

/** Inserts the batch's conversions and ties every conversion whose touches have changed. */
async function creditBatch(
  dependencies: BatchDependencies,
  tx: Transaction,
  workspace: Workspace,
  identity: IdentityStep,
  visits: VisitStep,
  locked: ReadonlyMap<string, LockedVisitor>,
  recordedAt: number,
): Promise<CreditDifference> {
  const since = new Map<string, number>();
  const creditFrom = (root: string, at: number): void => {
    since.set(root, Math.min(since.get(root) ?? Infinity, at));
  };
  for (const winner of identity.winners) creditFrom(winner, 0);
  for (const touch of visits.touches) {
    const root = identity.rootOf(touch.visitorId);
    const newest = locked.get(root)?.last_conversion_at?.getTime();
    if (newest !== undefined && touch.occurredAt <= newest) creditFrom(root, touch.occurredAt);
  }
  const conversions = visits.events.flatMap(({ resolved }) => {
    const { event } = resolved.planned.recognised;
    return resolved.stamped !== null && isConversion(event) ? [{ event, visitorId: resolved.stamped, recordedAt }] : [];
  });
  for (const row of conversions) creditFrom(identity.rootOf(row.visitorId), row.event.occurredAt);
  if (conversions.length > 0) void dependencies.conversions.insertConversions(tx, workspace.id, conversions);

  const revenue = visits.events.flatMap(({ resolved }) => {
    const { event } = resolved.planned.recognised;
    if (resolved.stamped === null || event.amountMinor === undefined || event.currency === undefined) return [];
    const sign = event.type === 'sale' ? 1n : event.type === 'refund' ? -1n : 0n;
    if (sign === 0n) return [];
    return [{ visitorId: resolved.stamped, currency: event.currency, amountMinor: sign * BigInt(event.amountMinor) }];
  });
  if (revenue.length > 0) void dependencies.visitors.addRevenue(tx, workspace.id, summed(revenue));

  if (since.size === 0) return { links: [], revenue: [] };
  return dependencies.creditPeople(tx, workspace.id, [...since.keys()], Math.min(...since.values()));
}

function summed(
  rows: ReadonlyArray<{ visitorId: string; currency: string; amountMinor: bigint }>,
): Array<{ visitorId: string; currency: string; amountMinor: bigint }> {
  const sums = new Map<string, { visitorId: string; currency: string; amountMinor: bigint }>();
  for (const row of rows) {
    const key = `${row.visitorId} ${row.currency}`;
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { ...row });
    else sum.amountMinor += row.amountMinor;
  }
  return [...sums.values()];
}

function count(
  dependencies: BatchDependencies,
  tx: Transaction,
  workspace: Workspace,
  visits: VisitStep,
  credit: CreditDifference,
): void {
  const links = new Map<string, LinkCount>(credit.links.map((row) => [row.linkId, row]));
  const clickers = new Map<string, readonly [string, string]>();
  for (const { resolved } of visits.events) {
    const { event } = resolved.planned.recognised;
    if (event.type !== 'link_click' || event.linkId === undefined) continue;
    const link = links.get(event.linkId) ?? { linkId: event.linkId, clicks: 0, machineClicks: 0, leads: 0, sales: 0 };
    links.set(event.linkId, link);
    if (resolved.stamped === null) {
      link.machineClicks += 1;
    } else {
      link.clicks += 1;
      clickers.set(`${event.linkId} ${resolved.stamped}`, [event.linkId, resolved.stamped]);
    }
  }
  if (links.size > 0) void dependencies.linkCounters.countLinks(tx, workspace.id, [...clickers.values()], [...links.values()]);
  const revenue: readonly LinkRevenue[] = credit.revenue;
  if (revenue.length > 0) void dependencies.linkCounters.addRevenue(tx, workspace.id, revenue);
}

function remember(dependencies: BatchDependencies, workspace: Workspace, plan: BatchPlan, identity: IdentityStep): void {
  const { memory } = dependencies;
  for (const { visitorId, named } of plan.allocated.values()) {
    memory.rememberIdentifier(workspace.id, named.kind.kind, named.value, visitorId);
    memory.rememberHint(visitorId, { root: identity.rootOf(visitorId), current: visitorId });
  }
  for (const [id, root] of identity.moves) memory.rememberHint(id, { root, current: memory.hintOf(id)?.current ?? id });
  for (const [id, user] of identity.handOvers) memory.rememberHint(id, { root: identity.rootOf(id), current: user });
}
