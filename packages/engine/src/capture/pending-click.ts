import type { Context } from '../context.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import { hashIdentifier } from '../visitors/hash-identifier.ts';
import { normaliseIdentifier } from '../visitors/normalise-identifier.ts';
import { deletePendingClick, findPendingClick, isAnyErased } from './pending-click-store.ts';

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

/** Whether the visitor of a click was erased since it was put aside. */
export async function isOfErased(
  { database, workspaces }: Pick<Context, 'database' | 'workspaces'>,
  click: IncomingEvent,
): Promise<boolean> {
  const workspace = await workspaces.get(click.workspaceId);
  const identifiers = click.identifiers.flatMap((identifier) => {
    const value = workspace && normaliseIdentifier(identifier, workspace.settings);
    if (value === undefined) return [];
    return { kind: identifier.kind, valueHash: hashIdentifier(workspace!, identifier.kind, value) };
  });
  return isAnyErased(database.db, click.workspaceId, identifiers);
}
