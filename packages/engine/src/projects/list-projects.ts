import type { Context } from '../context.ts';
import { archivedChoices } from '../funnels/list-funnels.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { withCounts } from './get-project.ts';
import type { CountedProject } from './get-project.ts';
import { selectProjects } from './project-store.ts';

/** 50 projects to a page where no `limit` is given. */
export interface ListProjectsInput extends PageInput {
  /** @default 'without' */
  readonly archived?: (typeof archivedChoices)[number] | undefined;
}

export interface ProjectPage {
  readonly projects: readonly CountedProject[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** The projects of a workspace with their counters, newest first. */
export async function listProjects(
  context: Context,
  workspace: Workspace,
  input: ListProjectsInput = {},
): Promise<Result<ProjectPage, InvalidQuery>> {
  const { archived = 'without' } = input;
  const page = readPage(
    input,
    50,
    readIdCursor,
    archivedChoices.includes(archived)
      ? {}
      : { archived: [`must be one of ${archivedChoices.join(', ')}`] },
  );
  if (!page.ok) return page;
  const { limit } = page.value;
  const found = await selectProjects(context.database.db, workspace.id, {
    ...page.value,
    limit: limit + 1,
    archived,
  });
  const { rows, nextCursor } = cutPage(found, limit, (project) => project.id);
  return ok({ projects: await withCounts(context, workspace, rows), nextCursor });
}
