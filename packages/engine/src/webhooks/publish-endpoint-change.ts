import type { Context } from '../context.ts';
import { insertChange } from '../store/change-log.ts';
import type { Tx } from '../store/database.ts';

/** Whether anybody is told of what happens is remembered with the workspace: processes learn of it with the commit. */
export async function publishEndpointChange(
  { clock, createId }: Pick<Context, 'clock' | 'createId'>,
  tx: Tx,
  workspaceId: string,
): Promise<void> {
  const now = clock.now();
  await insertChange(tx, {
    workspaceId,
    id: createId(now),
    topic: 'workspace',
    subject: { id: workspaceId },
    at: new Date(now),
  });
}

/** For this process at once, after the write; what has waited for a webhook goes out. */
export function announceEndpointChange(
  { workspaces, jobs }: Pick<Context, 'workspaces' | 'jobs'>,
  workspaceId: string,
): void {
  workspaces.forget(workspaceId);
  jobs.wake('deliver_webhooks');
}
