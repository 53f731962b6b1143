import type { Context } from '../context.ts';
import { openWorkspace } from './create-workspace.ts';
import type { Workspace } from './workspace.ts';
import { selectWorkspaces } from './workspace-store.ts';

/** Oldest first. */
export async function listWorkspaces(
  context: Context,
  page: { readonly limit?: number; readonly offset?: number } = {},
): Promise<Workspace[]> {
  const { limit = 50, offset = 0 } = page;
  const stored = await selectWorkspaces(context.database.db, { limit, offset });
  return stored.map((workspace) => openWorkspace(context, workspace));
}
