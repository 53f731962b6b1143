import type { CommittedBatch } from '../ingest/recorded-event.ts';
import type { WorkspaceDirectory } from '../workspaces/workspace.ts';

/** Whether a batch holds conversions that connectors are told of. */
export function hasPlanned(
  workspaces: Pick<WorkspaceDirectory, 'remembered' | 'connectors'>,
  batch: CommittedBatch,
): boolean {
  const workspace = workspaces.remembered(batch.workspaceId);
  const connectors = workspace === undefined ? [] : workspaces.connectors(workspace);
  return (
    connectors.length > 0 &&
    batch.events.some(({ resolved }) =>
      connectors.some(({ eventTypes }) => eventTypes.has(resolved.planned.recognised.event.type)),
    )
  );
}
