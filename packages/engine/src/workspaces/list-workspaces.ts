import type { Context } from '../context.ts';
import { readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { openWorkspace } from './create-workspace.ts';
import type { Workspace } from './workspace.ts';
import { selectWorkspaces } from './workspace-store.ts';

/** Oldest first, 50 at once. */
export async function listWorkspaces(
  context: Context,
  input: Omit<PageInput, 'cursor'> = {},
): Promise<Result<readonly Workspace[], InvalidQuery>> {
  const page = readPage(input, 50, readIdCursor);
  if (!page.ok) return page;
  const stored = await selectWorkspaces(context.database.db, page.value);
  return ok(stored.map((workspace) => openWorkspace(context, workspace)));
}
