import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import { cutClickIds } from './click-id-store.ts';
import { clickIdDays, privacyRules } from './privacy-rules.ts';
import {
  dropEventPartition,
  expiries,
  findEventPartitions,
  findRetainingWorkspaces,
  noteClickIdsCut,
} from './retention-store.ts';

/** How far back a conversion looks for its touches (attribution/credit-store.ts): they stay that much longer. */
const lookback = 90 * day;

/** What was on its way when retention last passed, or came from a process whose clock is behind. */
const margin = day;

type RetentionContext = Pick<Context, 'database' | 'clock' | 'options' | 'logger'>;

export interface RetentionReport {
  /** Months of events that were dropped as a whole. */
  readonly droppedPartitions: readonly string[];
  /** Rows that were deleted, or lost their click ids, by class. */
  readonly rows: Readonly<Record<keyof typeof expiries | 'clickIds', number>>;
}

export interface RetentionOutlook {
  /** The next month of events that is dropped as a whole; absent while a workspace keeps its events for ever. */
  readonly nextPartition: { readonly name: string; readonly at: Date } | undefined;
  /** Workspaces that keep their events for ever. */
  readonly unlimited: number;
}

/**
 * Lets go of what is older than each workspace keeps. A month that is over for every workspace is dropped as a whole;
 * what shares a month with rows that stay is deleted in small steps. Keys of events stay, so that nothing that was
 * counted counts again; totals of links and people stay too.
 */
export async function applyRetention(context: RetentionContext): Promise<RetentionReport> {
  const { database, clock, options } = context;
  const now = clock.now();
  const droppedPartitions: string[] = [];
  const workspaces = await findRetainingWorkspaces(database);
  if (options.createPartitions !== false) {
    const oldest = oldestKept(workspaces, now);
    for (const { name, endsAt } of await findEventPartitions(database)) {
      if (endsAt <= oldest && (await dropEventPartition(database, name)))
        droppedPartitions.push(name);
    }
  }
  const rows = {
    events: 0,
    machineEvents: 0,
    visits: 0,
    conversions: 0,
    touches: 0,
    dispatches: 0,
    evidence: 0,
    activityHours: 0,
    clickIds: 0,
  };
  for (const { id, settings, clickIdsCutUntil } of workspaces) {
    const { retention } = privacyRules(settings);
    // Conversions first: one never outlives the touches that it may be credited to.
    const due: Array<readonly [keyof typeof expiries, days: number | undefined, later: number]> = [
      ['activityHours', shortest(retention.events, retention.visits, retention.attribution), 0],
      ['events', retention.events, 0],
      ['machineEvents', retention.machineEvents, 0],
      ['visits', retention.visits, 0],
      ['conversions', retention.attribution, 0],
      ['touches', retention.attribution, lookback],
      // No platform takes a click that is older, and the click ids are all that is theirs.
      ['dispatches', clickIdDays(settings), 0],
      ['evidence', retention.evidence, 0],
    ];
    for (const [what, days, later] of due) {
      if (days === undefined) continue;
      rows[what] += await expiries[what](database, id, now - days * day - later);
    }
    const before = now - clickIdDays(settings) * day;
    // None come in behind that (`minimiseEvents`), so a day of them is read each day.
    const since = clickIdsCutUntil - margin;
    rows.clickIds += await cutClickIds(database, id, { since, before });
    await noteClickIdsCut(database, id, before);
  }
  if (droppedPartitions.length > 0)
    context.logger.info('Months of events were dropped.', { partitions: droppedPartitions });
  return { droppedPartitions, rows };
}

/** When what is kept goes next, for whoever operates it. */
export async function retentionOutlook(
  context: Pick<RetentionContext, 'database' | 'clock'>,
): Promise<RetentionOutlook> {
  const { database } = context;
  const workspaces = await findRetainingWorkspaces(database);
  const days = workspaces.map(({ settings }) => privacyRules(settings).retention.events);
  const unlimited = days.filter((kept) => kept === undefined).length;
  const [first] = await findEventPartitions(database);
  const longest = Math.max(...days.map((kept) => kept ?? Infinity));
  return {
    unlimited,
    nextPartition:
      unlimited > 0 || first === undefined || !Number.isFinite(longest)
        ? undefined
        : { name: first.name, at: new Date(first.endsAt + longest * day) },
  };
}

function shortest(...kept: ReadonlyArray<number | undefined>): number | undefined {
  const days = kept.filter((count) => count !== undefined);
  return days.length === 0 ? undefined : Math.min(...days);
}

/** Nobody keeps what is older. */
function oldestKept(
  workspaces: Awaited<ReturnType<typeof findRetainingWorkspaces>>,
  now: number,
): number {
  if (workspaces.length === 0) return -Infinity;
  return Math.min(
    ...workspaces.map(({ settings }) => {
      const { events } = privacyRules(settings).retention;
      return events === undefined ? -Infinity : now - events * day;
    }),
  );
}
