import type { Context } from '../context.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { Reading } from './activity-store.ts';

/** Where the reports of a workspace read. */
export function openReading(context: Pick<Context, 'database'>, workspace: Workspace): Reading {
  return {
    db: context.database.db,
    schema: context.database.schema,
    workspaceId: workspace.id,
  };
}
