import type { Context } from '../context.ts';
import { refuse } from '../kernel/result.ts';
import type { Refusal } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findProjectBySlug, selectCounts } from './project-store.ts';
import { slugPattern, typesOf } from './project.ts';
import type { Project, ProjectCount } from './project.ts';

export type ProjectNotFound = Refusal & { readonly code: 'project_not_found' };

/** A project with its counters, in the order of its types. */
export interface CountedProject extends Project {
  readonly counts: readonly ProjectCount[];
}

/** The live project of a slug; `undefined` where the workspace has none. */
export async function getProject(
  context: Context,
  workspace: Workspace,
  slug: string,
): Promise<CountedProject | undefined> {
  const project = await findProject(context, workspace, slug);
  if (project === undefined) return undefined;
  const [counted] = await withCounts(context, workspace, [project]);
  return counted;
}

/** The same without its counters, for who only tracks. A text that could be no slug is not looked for. */
export async function findProject(
  context: Context,
  workspace: Workspace,
  slug: string,
): Promise<Project | undefined> {
  if (typeof slug !== 'string' || !slugPattern.test(slug)) return undefined;
  return findProjectBySlug(context.database.db, workspace.id, slug);
}

/** Every type of a project stands there, also those that nothing was tracked of. */
export async function withCounts(
  context: Context,
  workspace: Workspace,
  projects: readonly Project[],
): Promise<CountedProject[]> {
  const counts = await selectCounts(
    context.database.db,
    workspace.id,
    projects.map((project) => project.id),
  );
  return projects.map((project) => {
    const known = new Map(counts.get(project.id)?.map((count) => [count.eventType, count]));
    return {
      ...project,
      counts: Object.keys(typesOf(project)).map(
        (eventType): ProjectCount =>
          known.get(eventType) ?? { eventType, count: 0, added: 0, removed: 0, unmatched: 0 },
      ),
    };
  });
}

export function projectNotFound(): ProjectNotFound {
  return refuse('project_not_found', 'Project not found.');
}
