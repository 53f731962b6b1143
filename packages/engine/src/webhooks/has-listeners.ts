import type { CommittedBatch } from '../ingest/recorded-event.ts';
import type { Db } from '../store/database.ts';
import type { WorkspaceDirectory } from '../workspaces/workspace.ts';
import { selectEnabledEndpoints } from './endpoint-store.ts';

/** Whether a workspace has any webhook that is told of what happens. */
export async function findListeners(db: Db, workspaceId: string): Promise<boolean> {
  return (await selectEnabledEndpoints(db, workspaceId)).length > 0;
}

/** Whether anybody is to be told of a batch. */
export function hasListeners(
  workspaces: Pick<WorkspaceDirectory, 'remembered' | 'hasWebhooks'>,
  batch: Pick<CommittedBatch, 'workspaceId'>,
): boolean {
  const workspace = workspaces.remembered(batch.workspaceId);
  return workspace !== undefined && workspaces.hasWebhooks(workspace);
}
