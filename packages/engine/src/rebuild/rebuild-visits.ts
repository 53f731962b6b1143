import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import { privacyRules } from '../privacy/privacy-rules.ts';
import { sessionTotals } from '../sessions/session-totals.ts';
import type { Transaction } from '../store/connection.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { replayEvents } from './replay-events.ts';
import { createReplayStore } from './replay-store.ts';
import type { MemberRow, ReplayStore, VisitRow } from './replay-store.ts';
import { createVisitReplay } from './replay-visits.ts';
import type { StoredVisit, VisitReplay } from './replay-visits.ts';
import { writeReplay } from './write-replay.ts';

/** How far a conversion looks back for touches: they stay that much longer (privacy/apply-retention.ts). */
const lookback = 90 * day;

/** How many rows were not as they had to be. */
export interface VisitChanges {
  readonly visits: number;
  readonly touches: number;
  readonly events: number;
  readonly visitors: number;
}

/**
 * Makes the visits and touches of a group of visitors again from their events, inside a transaction that holds their
 * locks: no batch writes an event of theirs meanwhile. What is right already is not written.
 */
export async function rebuildVisits(
  context: Context,
  workspace: Workspace,
  tx: Transaction,
  members: readonly MemberRow[],
  /** Whether everything that was ever counted is still there. */
  isWhole: boolean,
): Promise<VisitChanges> {
  const store = createReplayStore(context.database.schema, sessionTotals);
  const now = context.clock.now();
  const { retention } = privacyRules(workspace.settings);
  const since = (days: number | undefined, later = 0): number =>
    days === undefined ? -Infinity : now - days * day - later;
  const ids = members.map((member) => member.id);
  const counts = await store.countEvents(tx, workspace.id, ids);
  const visitIds = new Set(counts.flatMap((row) => row.session_id ?? []));
  const rows = await store.findVisits(tx, workspace.id, ids, [...visitIds]);
  const stored = readStored(rows, new Set(ids), counts);
  const replay = createVisitReplay(() => context.createId(now), stored);

  const { events, touches } = await replayEvents(tx, store, workspace.id, ids, {
    replay,
    stored,
    rules: {
      ownHosts: context.workspaces.ownHosts(workspace),
      sourceRules: workspace.settings.sourceRules,
      settings: workspace.settings,
      touchesSince: since(retention.attribution, lookback),
    },
  });
  const { visits, devices } = await writeReplay(tx, store, workspace.id, {
    replay,
    members,
    rows,
    stored,
    visitsSince: since(retention.visits),
  });
  const counted = countsOf(members, counts, replay, stored, isWhole);
  if (counted.length > 0) await store.writeCounts(tx, workspace.id, counted);
  return { visits, touches, events, visitors: devices + counted.length };
}

type Counts = Awaited<ReturnType<ReplayStore['countEvents']>>;

/**
 * A visit that has more events than are here has lost some to retention or to an erasure, or shares them with people
 * of another group: it cannot be counted again.
 */
function readStored(
  rows: readonly VisitRow[],
  ids: ReadonlySet<string>,
  counts: Counts,
): ReadonlyMap<string, StoredVisit> {
  const here = new Map<string, number>();
  for (const { session_id: id, events } of counts)
    if (id !== null) here.set(id, (here.get(id) ?? 0) + events);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        deviceId: row.visitor_id,
        touchId: row.touch_id,
        isKept: row.events > (here.get(row.id) ?? 0) || !ids.has(row.visitor_id),
      },
    ]),
  );
}

/** What each visitor did, where its row says otherwise; of what is not kept for ever, only by how much visits changed. */
function countsOf(
  members: readonly MemberRow[],
  counts: Counts,
  replay: VisitReplay,
  stored: ReadonlyMap<string, StoredVisit>,
  isWhole: boolean,
): Array<Pick<MemberRow, 'id' | 'events' | 'pageviews' | 'sessions'>> {
  const made = Map.groupBy(replay.visits.values(), (visit) => visit.deviceId);
  const before = Map.groupBy(stored.values(), (visit) => visit.deviceId);
  const byVisitor = Map.groupBy(counts, (row) => row.visitor_id);
  return members.flatMap((member) => {
    const visits = made.get(member.id)?.length ?? 0;
    const known = before.get(member.id) ?? [];
    const kept = known.filter((visit) => visit.isKept).length;
    const own = byVisitor.get(member.id) ?? [];
    const sum = (read: (row: Counts[number]) => number): number =>
      own.reduce((total, row) => total + read(row), 0);
    const is = isWhole
      ? {
          events: sum((row) => row.events),
          pageviews: sum((row) => row.pageviews),
          sessions: visits + kept,
        }
      : {
          events: member.events,
          pageviews: member.pageviews,
          sessions: member.sessions + visits + kept - known.length,
        };
    const isRight =
      is.events === member.events &&
      is.pageviews === member.pageviews &&
      is.sessions === member.sessions;
    return isRight ? [] : [{ id: member.id, ...is }];
  });
}
