import type { Context } from '../context.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findPeople, findRoots } from './person-store.ts';
import type { Visitor } from './visitor.ts';

export interface ListVisitorsInput {
  /** @default 20 */
  readonly limit?: number;
  readonly offset?: number;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string;
}

export interface VisitorPage {
  readonly visitors: readonly Visitor[];
  readonly nextCursor: string | undefined;
}

/** People, newest first; visitors that were merged are part of their person. */
export async function listVisitors(
  context: Context,
  workspace: Workspace,
  input: ListVisitorsInput = {},
): Promise<VisitorPage> {
  const limit = input.limit ?? 20;
  const roots = await findRoots(context.database.db, workspace.id, {
    limit: limit + 1,
    ...(input.offset === undefined ? {} : { offset: input.offset }),
    ...(input.cursor === undefined ? {} : { before: input.cursor }),
  });
  const page = roots.slice(0, limit);
  return {
    visitors: await findPeople(context.database.db, workspace, page),
    nextCursor: roots.length > limit ? page.at(-1) : undefined,
  };
}
