import type { Context } from '../context.ts';
import { day, minute } from '../kernel/clock.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findConnectedWorkspaces, selectConnectors } from './connector-store.ts';
import { findUnplanned, insertUnplanned } from './dispatch-store.ts';
import type { StoredConnector } from './stored-connector.ts';

export interface ReconcileInput {
  /** How far to look back, by when conversions happened. @default seven days, at most since the connector was switched on */
  readonly since?: Date | undefined;
}

export interface ReconcileReport {
  /** Conversions that nobody had planned, by connector. */
  readonly planned: Readonly<Record<string, number>>;
}

const lookbackMilliseconds = 7 * day;
/** A process learns of a connector that was switched on elsewhere within a second; its batches are waited for. */
const settleMilliseconds = minute;
const page = 500;

/**
 * Plans conversions that no batch has planned: those of a process that did not know yet that a connector was switched on,
 * and of people whose rows were rebuilt or brought back. With `since` also those from before it was switched on.
 */
export async function reconcileDispatches(
  context: Context,
  workspace: Pick<Workspace, 'id'>,
  { since }: ReconcileInput = {},
): Promise<ReconcileReport> {
  const planned: Record<string, number> = {};
  for (const stored of await selectConnectors(context.database.db, workspace.id)) {
    if (!stored.enabled || stored.eventTypes.length === 0) continue;
    planned[stored.type] = await reconcileConnector(
      context,
      stored,
      since ?? sinceOf(context, stored),
    );
  }
  if (Object.values(planned).some((count) => count > 0)) context.jobs.wake('deliver_conversions');
  return { planned };
}

/** Every workspace that uses connectors. */
export async function reconcileAll(context: Context): Promise<void> {
  for (const id of await findConnectedWorkspaces(context.database.db))
    await reconcileDispatches(context, { id });
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

function sinceOf({ clock }: Context, { enabledAt }: StoredConnector): Date {
  const oldest = clock.now() - lookbackMilliseconds;
  return new Date(Math.max(oldest, (enabledAt?.getTime() ?? 0) - settleMilliseconds));
}
