import type { TouchPartnerStore } from '../partners/touch-partner-store.ts';
import type { TrackedEventStore, TrackedRow } from '../projects/tracked-event-store.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { Transaction } from '../store/connection.ts';
import type { VisitorDelta, VisitorState } from '../visitors/visitor-store.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { BatchPlan, PlannedEvent } from './batch-plan.ts';
import { countLinks, creditBatch } from './credit-step.ts';
import type { CreditDependencies } from './credit-step.ts';
import { planDispatches } from './dispatch-step.ts';
import type { DispatchDependencies } from './dispatch-step.ts';
import type { EventStore } from './event-store.ts';
import { resolveIdentities } from './identity-step.ts';
import type { IdentityStep } from './identity-step.ts';
import type { RecogniseDependencies, Recognition } from './recognise.ts';
import { assignVisits } from './visit-step.ts';
import type { VisitStep } from './visit-step.ts';
import { visitorDeltas } from './visitor-step.ts';

export interface WriteDependencies
  extends RecogniseDependencies, CreditDependencies, DispatchDependencies {
  readonly createId: () => string;
  readonly events: EventStore;
  readonly sessions: SessionStore;
  readonly trackedEvents: TrackedEventStore;
  readonly touchPartners: TouchPartnerStore;
}

/** What a batch wrote, before its commit. */
export interface WrittenBatch {
  readonly identity: IdentityStep;
  readonly visits: VisitStep;
  readonly visitors: readonly VisitorDelta[];
  /** Pairs of link and visitor that clicked for the first time. */
  readonly clicked: readonly string[];
}

/**
 * Everything that follows from the events of a batch, in the order of locks. `states` are the visitors that were there
 * before: locked, or remembered, and then each write of one checks that it is still so.
 */
export async function writeBatch(
  dependencies: WriteDependencies,
  tx: Transaction,
  workspace: Workspace,
  plan: BatchPlan,
  events: readonly PlannedEvent[],
  recognition: Recognition,
  states: ReadonlyMap<string, VisitorState>,
  recordedAt: number,
): Promise<WrittenBatch> {
  const { visitors, identities } = dependencies;
  const landed = await landClicks(dependencies, tx, workspace, events);
  const identity = await resolveIdentities(
    dependencies,
    tx,
    workspace,
    plan,
    events,
    states,
    landed,
    recordedAt,
  );
  const visits = await assignVisits(
    dependencies,
    tx,
    workspace,
    identity.resolved,
    states,
    recognition,
    recordedAt,
  );
  const touches = await dependencies.touchPartners.withPartners(tx, workspace.id, visits.touches);
  const deltas = visitorDeltas(workspace, identity, visits, states);

  // From here on statements are only sent; the commit waits for all of them.
  const id = workspace.id;
  if (deltas.length > 0) visitors.writeVisitors(tx, id, deltas);
  if (visits.sessions.length > 0) dependencies.sessions.writeSessions(tx, id, visits.sessions);
  if (touches.length > 0) dependencies.touches.insertTouches(tx, id, touches);
  const shown =
    dependencies.connectorsOf(workspace).length === 0 ? undefined : laterSignals(visits);
  if (shown !== undefined && shown.size > 0) dependencies.touches.addSignals(tx, id, shown);
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
  // Before credit, which a removal finds its conversion by.
  const tracked = trackedRows(visits);
  if (tracked.length > 0) void dependencies.trackedEvents.insertTracked(tx, id, tracked);
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
    states,
    recordedAt,
  );
  const clicked = countLinks(dependencies, tx, workspace, visits, states, credit);
  planDispatches(dependencies, tx, workspace, visits, recordedAt);
  if (tracked.length > 0) await dependencies.trackedEvents.countTracked(tx, id, tracked);
  return { identity, visits, visitors: deltas, clicked };
}

/**
 * Click ids and cookies of ad platforms that pages within a visit have shown, by the visit's touch: the platforms' scripts
 * set their cookies after the first page was told. The first one of a name counts.
 */
function laterSignals({ events, touches }: VisitStep): ReadonlyMap<string, Signals> {
  const arrivals = new Set(touches.map(({ eventId }) => eventId));
  const found = new Map<string, Signals>();
  for (const { resolved, touchId } of events) {
    const { id, arrival } = resolved.planned.recognised.event;
    if (touchId === null || arrival?.signals === undefined || arrivals.has(id)) continue;
    found.set(touchId, { ...arrival.signals, ...found.get(touchId) });
  }
  return found;
}

type Signals = Readonly<Record<string, string>>;

/** Of most batches none. */
function trackedRows(visits: VisitStep): readonly TrackedRow[] {
  const rows: TrackedRow[] = [];
  for (const { resolved } of visits.events) {
    const { id, occurredAt, tracked } = resolved.planned.recognised.event;
    if (tracked !== undefined && resolved.stamped !== null)
      rows.push({ eventId: id, visitorId: resolved.stamped, occurredAt, mark: tracked });
  }
  return rows;
}

async function landClicks(
  dependencies: WriteDependencies,
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
            consent: recognised.event.consent,
          },
        ],
  );
  return landings.length === 0
    ? new Set()
    : dependencies.touches.landClicks(tx, workspace.id, landings);
}
