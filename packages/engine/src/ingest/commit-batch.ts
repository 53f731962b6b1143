import type { IncomingEvent, IngestOutcome } from './event.ts';
import type { Clock } from '../kernel/clock.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { isUnexpectedRows } from '../store/connection.ts';
import type { Transaction } from '../store/connection.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { admitEvents, erasedDigest, refuseErased } from './admit-events.ts';
import { planBatch } from './batch-plan.ts';
import type { BatchPlan } from './batch-plan.ts';
import { bindingsOf } from './bindings.ts';
import type { Claim } from './claims.ts';
import { succeedErased } from './daily-hash.ts';
import { nameIdentifiers, recognise } from './recognise.ts';
import type { RecognitionMemory } from './recognition-memory.ts';
import type { Announce } from './recorded-event.ts';
import type { Recognition, RecognisedEvent } from './recognise.ts';
import { PlanOutdatedError, retryWithLookup, verifyPlan } from './verify-plan.ts';
import { visitorAfter } from './visitor-step.ts';
import { writeBatch } from './write-batch.ts';
import type { WrittenBatch } from './write-batch.ts';
import { writeRemembered } from './write-remembered.ts';
import type { RememberedDependencies } from './write-remembered.ts';

export interface BatchDependencies extends RememberedDependencies {
  readonly clock: Clock;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Told of every batch after its commit. */
  readonly announce: Announce;
}

const attemptsMax = 20;

/**
 * Writes events of one workspace in one transaction; the answers are in the order of the events. The number of
 * statements does not depend on the number of events.
 *
 * Locks are taken in one order everywhere: event keys, identifiers, visitors (each sorted), then what hangs on them
 * (sessions, touches, conversions), then counters of links; so batches never deadlock.
 *
 * `mayBeKnown`: events that were put aside, of which some were committed after all. One statement for all of them would
 * fail, so they take their locks at once.
 */
export async function commitBatch(
  dependencies: BatchDependencies,
  workspace: Workspace,
  incoming: readonly IncomingEvent[],
  { mayBeKnown = false }: { readonly mayBeKnown?: boolean } = {},
): Promise<IngestOutcome[]> {
  const outcomes = new Map<IncomingEvent, IngestOutcome>();
  let rest = incoming;
  // Events that share a key wait for the first of them: then they are repeats of it, or conflicts with it.
  while (rest.length > 0) {
    const { first, repeats } = splitRepeats(rest);
    await commitDistinct(dependencies, workspace, first, mayBeKnown, outcomes);
    rest = repeats;
  }
  return incoming.map((event) => outcomes.get(event)!);
}

async function commitDistinct(
  dependencies: BatchDependencies,
  workspace: Workspace,
  events: readonly IncomingEvent[],
  mayBeKnown: boolean,
  outcomes: Map<IncomingEvent, IngestOutcome>,
): Promise<void> {
  let open: readonly RecognisedEvent[] = events
    .map((event) => nameIdentifiers(event, workspace))
    .toSorted(byTime);
  for (let attempt = 1; open.length > 0; attempt += 1) {
    let recognition = await recognise(dependencies, workspace, open, attempt === 1);
    while (recognition.erased.size > 0) {
      const succeeded = succeedErased(open, recognition);
      if (succeeded === open) break;
      open = succeeded;
      recognition = await recognise(dependencies, workspace, open, attempt === 1);
    }
    const { admitted, refused } = admitEvents(open, recognition);
    for (const [item, outcome] of refused) outcomes.set(item.event, outcome);
    const plan = planBatch(admitted, recognition, dependencies.createId);
    for (const [item, outcome] of plan.rejected) outcomes.set(item.event, outcome);
    if (plan.events.length === 0) return;
    const recordedAt = dependencies.clock.now();
    if (attempt === 1 && !mayBeKnown) {
      const written = await writeRemembered(dependencies, workspace, plan, recognition, recordedAt);
      if (written === 'outdated') continue;
      if (written !== 'unsuitable') {
        settle(dependencies, workspace, plan, written, recordedAt, outcomes);
        return;
      }
    }
    try {
      const written = await writeLocked(
        dependencies,
        workspace,
        plan,
        recognition,
        recordedAt,
        outcomes,
      );
      if (written !== undefined) {
        settle(dependencies, workspace, plan, written, recordedAt, outcomes);
        return;
      }
      // Some events were accepted before, and others counted on what they would have made: plan without them.
      open = open.filter((item) => !outcomes.has(item.event));
    } catch (error) {
      if (!(error instanceof PlanOutdatedError) && !isUnexpectedRows(error)) throw error;
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

/**
 * One try under locks. `undefined`: nothing was written, because some events turned out to be known; their answers are
 * set.
 */
async function writeLocked(
  dependencies: BatchDependencies,
  workspace: Workspace,
  plan: BatchPlan,
  recognition: Recognition,
  recordedAt: number,
  outcomes: Map<IncomingEvent, IngestOutcome>,
): Promise<WrittenBatch | undefined> {
  const { database, memory } = dependencies;
  let awaited = plan.lockIds;
  let written: WrittenBatch | undefined;
  memory.awaitRows(awaited);
  try {
    return await database.transact(async (tx) => {
      const [claim, bound] = await claimAndLock(dependencies, tx, workspace, plan);
      const { fresh: freshKeys } = claim;
      const fresh =
        freshKeys === undefined
          ? plan.events
          : plan.events.filter((planned) => freshKeys.has(planned.recognised.event.key));
      if (fresh.length < plan.events.length) {
        await answerKnown(dependencies, tx, workspace, plan, freshKeys, outcomes);
        const countedOnThem =
          plan.allocated.size > 0 || plan.events.some((planned) => planned.landing !== undefined);
        if (fresh.length === 0 || countedOnThem) throw new KnownEventsError();
      }
      if (!bound) retryWithLookup(dependencies, workspace, plan);
      const locked = new Map(claim.locked.map((row) => [row.id, row]));
      verifyPlan(dependencies, workspace, plan, recognition, locked);
      written = await writeBatch(
        dependencies,
        tx,
        workspace,
        plan,
        fresh,
        recognition,
        locked,
        recordedAt,
      );
      // The next batch is planned before this one has committed, and counts on it.
      for (const row of claim.locked) memory.rememberRow(row);
      rememberPeople(memory, written);
      memory.rowsArrived(awaited);
      awaited = [];
      return written;
    });
  } catch (error) {
    for (const delta of written?.visitors ?? []) memory.forgetHint(delta.id);
    if (error instanceof KnownEventsError) return undefined;
    throw error;
  } finally {
    memory.rowsArrived(awaited);
  }
}

/** Thrown to roll back a batch whose plan counted on events that were accepted before. */
class KnownEventsError extends Error {
  override readonly name = 'KnownEventsError';
}

/** Keys, identifiers, visitors: in this order. One statement where there is nothing to bind. */
async function claimAndLock(
  dependencies: BatchDependencies,
  tx: Transaction,
  workspace: Workspace,
  plan: BatchPlan,
): Promise<[claim: Claim, bound: boolean]> {
  const { claims, visitors } = dependencies;
  const { id } = workspace;
  const events = plan.events.map((planned) => planned.recognised.event);
  const { lockIds, joinRoots } = plan;
  if (plan.allocated.size === 0 && joinRoots.length === 0)
    return [await claims.claim(tx, id, events, lockIds), true];

  const [claim, bound, locked] = await Promise.all([
    claims.claim(tx, id, events, []),
    bindIdentifiers(dependencies, tx, workspace, plan),
    lockIds.length === 0
      ? []
      : joinRoots.length === 0
        ? visitors.lockVisitors(tx, id, lockIds)
        : visitors.lockPeople(tx, id, lockIds, joinRoots),
  ]);
  return [{ fresh: claim.fresh, locked }, bound];
}

async function bindIdentifiers(
  dependencies: BatchDependencies,
  tx: Transaction,
  workspace: Workspace,
  plan: BatchPlan,
): Promise<boolean> {
  const rows = bindingsOf(workspace, plan);
  if (rows.length === 0) return true;
  return (await dependencies.identities.bindIdentities(tx, workspace.id, rows)) === rows.length;
}

async function answerKnown(
  dependencies: BatchDependencies,
  tx: Transaction,
  workspace: Workspace,
  plan: BatchPlan,
  fresh: ReadonlySet<string> | undefined,
  outcomes: Map<IncomingEvent, IngestOutcome>,
): Promise<void> {
  const known = plan.events
    .map((planned) => planned.recognised.event)
    .filter((event) => fresh?.has(event.key) === false);
  const rows = await dependencies.events.findKnownEvents(
    tx,
    workspace.id,
    known.map((event) => event.key),
  );
  const byKey = new Map(rows.map((row) => [row.key, row]));
  for (const event of known) {
    const row = byKey.get(event.key);
    if (row === undefined) throw new PlanOutdatedError();
    if (row.digest === erasedDigest) {
      outcomes.set(event, refuseErased(event, []));
      continue;
    }
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

/** After the commit: answers the events, remembers who they were, and tells of them. */
function settle(
  { memory, announce }: BatchDependencies,
  workspace: Workspace,
  plan: BatchPlan,
  { identity, visits, clicked }: WrittenBatch,
  recordedAt: number,
  outcomes: Map<IncomingEvent, IngestOutcome>,
): void {
  for (const { visitorId, named } of plan.allocated.values())
    memory.rememberIdentifier(workspace.id, named.kind.kind, named.value, visitorId);
  memory.rememberClicks(clicked);
  for (const { resolved } of visits.events) {
    const { event } = resolved.planned.recognised;
    outcomes.set(event, {
      outcome: 'accepted',
      eventId: event.id,
      ...(resolved.stamped === null
        ? {}
        : { visitorId: resolved.stamped, personId: identity.rootOf(resolved.stamped) }),
      identity: resolved.identity,
    });
  }
  announce({
    workspaceId: workspace.id,
    recordedAt,
    events: visits.events,
    rootOf: (visitorId) => identity.rootOf(visitorId),
  });
}

/** The rows as the batch left them; of those that were joined or changed hands, where they point to. */
function rememberPeople(
  memory: RecognitionMemory,
  { identity, visitors }: Pick<WrittenBatch, 'identity' | 'visitors'>,
): void {
  for (const delta of visitors) memory.rememberRow(visitorAfter(delta));
  for (const id of [...identity.changedRoots, ...identity.moves.map(([moved]) => moved)])
    memory.rememberHint(id, {
      root: identity.rootOf(id),
      current: memory.hintOf(id)?.current ?? id,
    });
  for (const [id, user] of identity.handOvers)
    memory.rememberHint(id, { root: identity.rootOf(id), current: user });
}
