import type { Context } from '../context.ts';
import { day, hour, minute } from '../kernel/clock.ts';
import { clickIdDays } from '../privacy/privacy-rules.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findConnectedWorkspaces, selectConnectors } from './connector-store.ts';
import { findUnplanned, insertUnplanned } from './dispatch-store.ts';
import type { StoredConnector } from './stored-connector.ts';

export interface ReconcileInput {
  /**
   * How far to look back, by when conversions happened; never further than dispatches are kept (`retention.clickIds`).
   * @default seven days, at most since the connector was switched on
   */
  readonly since?: Date | undefined;
}

export interface ReconcileReport {
  /** Conversions that nobody had planned, by connector. */
  readonly planned: Readonly<Record<string, number>>;
}

const lookbackMilliseconds = 7 * day;
/** A process learns of a connector that was switched on elsewhere within a second; its batches are waited for. */
const settleMilliseconds = minute;
/** The process that deletes may be ahead of this one. */
const clocksApart = hour;
const page = 500;

/**
 * Plans conversions that no batch has planned: those of a process that did not know yet that a connector was switched on,
 * and of people whose rows were rebuilt or brought back. With `since` also those from before it was switched on.
 */
export async function reconcileDispatches(
  context: Context,
  workspace: Workspace,
  { since }: ReconcileInput = {},
): Promise<ReconcileReport> {
  const planned: Record<string, number> = {};
  const kept = oldestKept(context, workspace);
  for (const stored of await selectConnectors(context.database.db, workspace.id)) {
    if (!stored.enabled || stored.eventTypes.length === 0) continue;
    const from = Math.max(kept, (since ?? sinceOf(context, stored)).getTime());
    planned[stored.type] = await reconcileConnector(context, stored, new Date(from));
  }
  if (Object.values(planned).some((count) => count > 0)) context.jobs.wake('deliver_conversions');
  return { planned };
}

/** Every workspace that uses connectors. */
export async function reconcileAll(context: Context): Promise<void> {
  for (const id of await findConnectedWorkspaces(context.database.db)) {
    const workspace = await context.workspaces.get(id);
    if (workspace !== undefined) await reconcileDispatches(context, workspace);
  }
}

async function reconcileConnector(
  context: Context,
  { workspaceId, type, eventTypes }: StoredConnector,
  since: Date,
): Promise<number> {
  const { database, clock } = context;
  let count = 0;
  for (;;) {
    const found = await findUnplanned(database, workspaceId, type, {
      eventTypes,
      since,
      limit: page,
    });
    const now = clock.now();
    count += await insertUnplanned(
      database.db,
      workspaceId,
      type,
      found.map((conversion) => ({ ...conversion, id: context.createId(now) })),
      new Date(now),
    );
    if (found.length < page) return count;
  }
}

/** Dispatches before this are deleted: what was sent then would look as if nobody had planned it. In milliseconds. */
function oldestKept({ clock }: Context, { settings }: Workspace): number {
  return clock.now() - clickIdDays(settings) * day + clocksApart;
}

function sinceOf({ clock }: Context, { enabledAt }: StoredConnector): Date {
  const oldest = clock.now() - lookbackMilliseconds;
  return new Date(Math.max(oldest, (enabledAt?.getTime() ?? 0) - settleMilliseconds));
}
