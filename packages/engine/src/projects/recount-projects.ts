import type { Context } from '../context.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createTrackedEventStore } from './tracked-event-store.ts';

/** Makes the counters of projects again from the events that were tracked; how many were wrong. */
export function recountProjects(context: Context, workspace: Workspace): Promise<number> {
  const { database } = context;
  const store = createTrackedEventStore(database.schema);
  return database.transact((tx) => store.recount(tx, workspace.id));
}
