import type { IncomingEvent, IngestOutcome } from './event.ts';
import type { Clock } from '../kernel/clock.ts';
import { UnavailableError } from '../kernel/errors.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { Transaction } from '../store/connection.ts';
import { seal } from '../security/keyring.ts';
import type { LockedVisitor } from '../visitors/visitor-store.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { planBatch } from './batch-plan.ts';
import type { BatchPlan, PlannedEvent } from './batch-plan.ts';
import { countLinks, creditBatch } from './credit-step.ts';
import type { CreditDependencies } from './credit-step.ts';
import type { EventStore } from './event-store.ts';
import { resolveIdentities } from './identity-step.ts';
import type { IdentityStep } from './identity-step.ts';
import { hashIdentifier, nameIdentifiers, recognise } from './recognise.ts';
import type { RecogniseDependencies, Recognition, RecognisedEvent } from './recognise.ts';
import { assignVisits } from './visit-step.ts';
import { visitorDeltas } from './visitor-step.ts';
import type { VisitStep } from './visit-step.ts';

export interface BatchDependencies extends RecogniseDependencies, CreditDependencies {
  readonly clock: Clock;
  readonly createId: () => string;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly events: EventStore;
  readonly sessions: SessionStore;
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
  let rest = incoming;
  // Events that share a key wait for the first of them: then they are repeats of it, or conflicts with it.
  while (rest.length > 0) {
    const { first, repeats } = splitRepeats(rest);
    await commitDistinct(dependencies, workspace, first, outcomes);
    rest = repeats;
  }
  return incoming.map((event) => outcomes.get(event)!);
}

async function commitDistinct(
  dependencies: BatchDependencies,
  workspace: Workspace,
  events: readonly IncomingEvent[],
  outcomes: Map<IncomingEvent, IngestOutcome>,
): Promise<void> {
  let open = events.map((event) => nameIdentifiers(event, workspace)).toSorted(byTime);
  for (let attempt = 1; open.length > 0; attempt += 1) {
    const recognition = await recognise(dependencies, workspace, open, attempt === 1);
    const plan = planBatch(open, recognition, dependencies.createId);
    for (const [item, outcome] of plan.rejected) outcomes.set(item.event, outcome);
    if (plan.events.length === 0) return;
    try {
      const settled = await attemptBatch(dependencies, workspace, plan, recognition, outcomes);
      if (settled) return;
      // Some events were accepted before, and others counted on what they would have made: plan without them.
      open = open.filter((item) => !outcomes.has(item.event));
    } catch (error) {
      if (!(error instanceof PlanOutdatedError)) throw error;
      if (attempt >= attemptsMax) {
        throw new UnavailableError('Too many processes are joining the same people.', {
          retryAfterSeconds: 1,
          cause: error,
        });
      }
      // Processes that outdate each other's plans in step would go on for ever.
      if (attempt > 2) await dependencies.pause(Math.random() * 5 * attempt);
    }
  }
}

function splitRepeats(incoming: readonly IncomingEvent[]): {
  readonly first: readonly IncomingEvent[];
  readonly repeats: readonly IncomingEvent[];
} {
  const keys = new Set<string>();
  const first: IncomingEvent[] = [];
  const repeats: IncomingEvent[] = [];
  for (const event of incoming) {
    (keys.has(event.key) ? repeats : first).push(event);
    keys.add(event.key);
  }
  return { first, repeats };
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
  return (
    left.event.occurredAt - right.event.occurredAt || (left.event.id < right.event.id ? -1 : 1)
  );
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
  const written = await database
    .transact(async (tx) => {
      const claiming = dependencies.events.claimKeys(
        tx,
        workspace.id,
        plan.events.map((planned) => planned.recognised.event),
      );
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
        if (plan.allocated.size > 0 || plan.events.some((planned) => planned.landing !== undefined))
          throw new KnownEventsError();
      }
      if (!bound) forgetAndRetry(dependencies, workspace, plan);
      const locked = new Map(rows.map((row) => [row.id, row]));
      verify(dependencies, workspace, plan, recognition, locked);
      return write(dependencies, tx, workspace, plan, fresh, recognition, locked, recordedAt);
    })
    .catch((error: unknown) => {
      if (error instanceof KnownEventsError) return undefined;
      throw error;
    });
  if (written === undefined) return false;

  remember(dependencies, workspace, plan, written.identity);
  dependencies.memory.rememberClicks(written.clicked);
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
  const known = plan.events
    .map((planned) => planned.recognised.event)
    .filter((event) => !claimed.has(event.key));
  const rows = await dependencies.events.findKnownEvents(
    tx,
    workspace.id,
    known.map((event) => event.key),
  );
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
            ...(row.visitor_id === null
              ? {}
              : { visitorId: row.visitor_id, personId: row.root_id ?? row.visitor_id }),
            identity: { outcome: 'none' },
          }
        : conflict(event),
    );
  }
}

function forgetAndRetry(
  dependencies: BatchDependencies,
  workspace: Workspace,
  plan: BatchPlan,
): never {
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
      (hint === undefined ||
        (row.root_id === hint.root && (row.current_visitor_id ?? row.id) === hint.current));
    if (holds) continue;
    outdated = true;
    dependencies.memory.forgetHint(id);
    if (row === undefined || row.erased_at !== null)
      forgetVisitor(dependencies, workspace, plan, id);
  }
  for (const root of plan.joinRoots) {
    const row = locked.get(root);
    const version = recognition.rootVersions.get(root);
    if (
      row !== undefined &&
      row.root_id === root &&
      (version === undefined || row.version === version)
    )
      continue;
    outdated = true;
    dependencies.memory.forgetHint(root);
  }
  if (outdated) throw new PlanOutdatedError();
}

function forgetVisitor(
  dependencies: BatchDependencies,
  workspace: Workspace,
  plan: BatchPlan,
  visitorId: string,
): void {
  for (const { nodes } of plan.events) {
    for (const node of nodes) {
      if (node.visitorId !== visitorId || node.identifier === undefined) continue;
      dependencies.memory.forgetIdentifier(
        workspace.id,
        node.identifier.kind.kind,
        node.identifier.value,
      );
    }
  }
}

interface Written {
  readonly identity: IdentityStep;
  readonly visits: VisitStep;
  /** Pairs of link and visitor that clicked for the first time. */
  readonly clicked: readonly string[];
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
  const identity = await resolveIdentities(
    dependencies,
    tx,
    workspace,
    plan,
    events,
    locked,
    landed,
    recordedAt,
  );
  const visits = await assignVisits(
    dependencies,
    tx,
    workspace,
    identity.resolved,
    locked,
    recognition,
    recordedAt,
  );
  const deltas = visitorDeltas(workspace, identity, visits, locked);

  // From here on statements are only sent; the commit waits for all of them.
  const id = workspace.id;
  if (deltas.length > 0) visitors.writeVisitors(tx, id, deltas);
  if (visits.sessions.length > 0) dependencies.sessions.writeSessions(tx, id, visits.sessions);
  if (visits.touches.length > 0) dependencies.touches.insertTouches(tx, id, visits.touches);
  if (visits.events.length > 0)
    dependencies.events.insertEvents(
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
  if (identity.moves.length > 0) void visitors.pointVisitors(tx, id, identity.moves);
  if (identity.changedRoots.length > 0) void visitors.bumpVersions(tx, id, identity.changedRoots);
  if (identity.handOvers.length > 0) void visitors.handOverDevices(tx, id, identity.handOvers);
  if (identity.merges.length > 0)
    void identities.insertMerges(tx, id, identity.merges, identity.mergeMembers);
  if (identity.reunited.length > 0) void identities.reunite(tx, id, identity.reunited);
  if (identity.refusals.length > 0) void identities.insertRefusals(tx, id, identity.refusals);
  if (identity.evidence.length > 0) void identities.insertEvidence(tx, id, identity.evidence);
  const credit = await creditBatch(
    dependencies,
    tx,
    workspace,
    identity,
    visits,
    locked,
    recordedAt,
  );
  const clicked = countLinks(dependencies, tx, workspace, visits, credit);
  return { identity, visits, clicked };
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
      : [
          {
            id: landing.id,
            at: recognised.event.occurredAt,
            signals: recognised.event.arrival?.signals,
          },
        ],
  );
  return landings.length === 0
    ? new Set()
    : dependencies.touches.landClicks(tx, workspace.id, landings);
}

function remember(
  dependencies: BatchDependencies,
  workspace: Workspace,
  plan: BatchPlan,
  identity: IdentityStep,
): void {
  const { memory } = dependencies;
  for (const { visitorId, named } of plan.allocated.values()) {
    memory.rememberIdentifier(workspace.id, named.kind.kind, named.value, visitorId);
    memory.rememberHint(visitorId, { root: identity.rootOf(visitorId), current: visitorId });
  }
  for (const [id, root] of identity.moves)
    memory.rememberHint(id, { root, current: memory.hintOf(id)?.current ?? id });
  for (const [id, user] of identity.handOvers)
    memory.rememberHint(id, { root: identity.rootOf(id), current: user });
}
