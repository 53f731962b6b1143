import type { Transaction } from '../store/connection.ts';
import type { MemberRow, ReplayStore, VisitRow } from './replay-store.ts';
import type { ReplayedState, ReplayedVisit, StoredVisit, VisitReplay } from './replay-visits.ts';

/**
 * Writes the visits that are not as they are stored, and what devices know of the visit that they are on; the rest is
 * not touched. Returns how many visits were written or deleted, and how many devices.
 */
export async function writeReplay(
  tx: Transaction,
  store: ReplayStore,
  workspaceId: string,
  {
    replay,
    members,
    rows,
    stored,
    visitsSince,
  }: {
    readonly replay: VisitReplay;
    readonly members: readonly MemberRow[];
    readonly rows: readonly VisitRow[];
    readonly stored: ReadonlyMap<string, StoredVisit>;
    /** Visits that ended before this are not kept any more. In milliseconds. */
    readonly visitsSince: number;
  },
): Promise<{ readonly visits: number; readonly devices: number }> {
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const made = [...replay.visits.values()].filter(
    (visit) => rowOf.has(visit.id) || visit.lastEventAt >= visitsSince,
  );
  const gone = rows.filter(
    (row) => stored.get(row.id)?.isKept === false && !replay.visits.has(row.id),
  );
  const differing = new Set(
    made.filter((visit) => isOther(visit, rowOf.get(visit.id))).map((visit) => visit.id),
  );

  const states: Array<{ deviceId: string; state: ReplayedState }> = [];
  const leaving: string[] = [];
  for (const member of members) {
    const state = replay.states.get(member.id);
    if (state === undefined) {
      if (gone.some((row) => row.id === member.session_id)) leaving.push(member.id);
      continue;
    }
    if (state.visit.isKept || !isOtherState(member, state)) continue;
    states.push({ deviceId: member.id, state });
    // What it holds of either visit goes to the visits' rows.
    differing.add(state.visit.id);
    if (member.session_id !== null) differing.add(member.session_id);
  }

  const written = made.filter((visit) => differing.has(visit.id));
  if (written.length > 0) {
    await store.writeVisits(tx, workspaceId, written);
    await store.releaseVisits(
      tx,
      workspaceId,
      members.map((member) => member.id),
      written.map((visit) => visit.id),
    );
  }
  const moving = new Set(states.map(({ deviceId }) => deviceId));
  const left = members.flatMap(({ id, session_id: visitId }) =>
    moving.has(id) && visitId !== null && stored.get(visitId)?.isKept === true ? [visitId] : [],
  );
  if (left.length > 0) await store.flushVisits(tx, workspaceId, [...moving], left);
  if (states.length > 0) await store.writeStates(tx, workspaceId, states);
  if (leaving.length > 0) await store.leaveVisits(tx, workspaceId, leaving);
  if (gone.length > 0)
    await store.deleteVisits(
      tx,
      workspaceId,
      gone.map((row) => row.id),
    );
  return { visits: written.length + gone.length, devices: states.length + leaving.length };
}

function isOther(visit: ReplayedVisit, row: VisitRow | undefined): boolean {
  if (row === undefined) return true;
  const { measures } = visit;
  return (
    row.started_at.getTime() !== visit.startedAt ||
    row.last_event_at.getTime() !== visit.lastEventAt ||
    row.touch_id !== visit.touchId ||
    row.events !== measures.events ||
    row.pageviews !== measures.pageviews ||
    row.engaged_ms !== BigInt(measures.engagedMilliseconds) ||
    row.interactions !== measures.interactions ||
    row.conversions !== measures.conversions ||
    row.clicks !== measures.clicks ||
    row.joined !== visit.joined ||
    row.entry_url !== visit.entryUrl ||
    row.exit_url !== visit.exitUrl
  );
}

function isOtherState(member: MemberRow, state: ReplayedState): boolean {
  return (
    member.session_id !== state.visit.id ||
    member.session_started_at?.getTime() !== state.startedAt ||
    member.session_last_at?.getTime() !== state.lastAt ||
    member.session_touch_id !== state.touchId ||
    member.session_source !== state.source ||
    member.session_joined !== (state.visit.deviceId !== member.id)
  );
}
