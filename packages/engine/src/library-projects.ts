import type { On, ReadIn, WriteIn } from './library-scope.ts';
import { archiveProject } from './projects/archive-project.ts';
import { createProject } from './projects/create-project.ts';
import type { ProjectInput } from './projects/create-project.ts';
import { findProject, getProject, projectNotFound } from './projects/get-project.ts';
import { listProjects } from './projects/list-projects.ts';
import type { ListProjectsInput } from './projects/list-projects.ts';
import { trackForProject } from './projects/track-for-project.ts';
import type { TrackedInput } from './projects/track-for-project.ts';

/** `hw.projects`. */
export function createProjectCalls(on: On) {
  return {
    /** Creates a project; its slug is unique among the live ones. */
    create: (input: ProjectInput, options?: WriteIn) =>
      on(options, (scope, workspace) => createProject(scope, workspace, input, options)),
    /** The live project of a slug with its counters. */
    get: (slug: string, options?: ReadIn) =>
      on(options, (scope, workspace) => getProject(scope, workspace, slug)),
    /** Newest first and without the archived ones, unless they are asked for. */
    list: (input: ListProjectsInput = {}, options?: ReadIn) =>
      on(options, (scope, workspace) => listProjects(scope, workspace, input)),
    /** Puts a project away and frees its slug. */
    archive: (slug: string, options?: WriteIn) =>
      on(options, (scope, workspace) => archiveProject(scope, workspace, slug, options)),
    /** What the tracking endpoint does, without a request: also in a transaction of the host. */
    track: (slug: string, input: TrackedInput, options?: WriteIn) =>
      on(options, async (scope, workspace) => {
        const project = await findProject(scope, workspace, slug);
        if (project === undefined) return projectNotFound();
        return trackForProject(scope, workspace, project, [input], options)[0]!;
      }),
  };
}
