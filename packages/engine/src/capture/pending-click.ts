import type { Context } from '../context.ts';
import { deletePendingClick, findPendingClick } from './pending-click-store.ts';

/**
 * Records the click whose redirect was prefetched, now that its `hw_click` has landed. It is committed before the
 * landing is submitted, so that the landing finds it. The row goes last: a crash in between records the click again
 * under the same key, which counts once.
 */
export async function takePendingClick(
  context: Pick<Context, 'database' | 'ingest'>,
  workspaceId: string,
  clickId: string,
): Promise<boolean> {
  const click = await findPendingClick(context.database.db, workspaceId, clickId);
  if (click === undefined) return false;
  await context.ingest.submit(click);
  await deletePendingClick(context.database.db, workspaceId, clickId);
  return true;
}
