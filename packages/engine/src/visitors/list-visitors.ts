import type { Context } from '../context.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findPeople, findRoots } from './person-store.ts';
import type { Visitor } from './visitor.ts';

export interface VisitorPage {
  readonly visitors: readonly Visitor[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** People, newest first, 20 to a page; visitors that were merged are part of their person. */
export async function listVisitors(
  context: Context,
  workspace: Workspace,
  input: PageInput = {},
): Promise<Result<VisitorPage, InvalidQuery>> {
  const page = readPage(input, 20, readIdCursor);
  if (!page.ok) return page;
  const { db } = context.database;
  const { limit } = page.value;
  const found = await findRoots(db, workspace.id, { ...page.value, limit: limit + 1 });
  const { rows, nextCursor } = cutPage(found, limit, (root) => root);
  return ok({ visitors: await findPeople(db, workspace, rows), nextCursor });
}
