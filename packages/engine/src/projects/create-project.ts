import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { textProblem } from '../kernel/json-limits.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { insertProject } from './project-store.ts';
import {
  documentedTypes,
  eventTypePattern,
  projectLimits,
  slugPattern,
  trackedKinds,
} from './project.ts';
import type { Project, TrackedKind } from './project.ts';

export interface ProjectInput {
  /** What clients name it by. Unique among the live projects of the workspace. */
  readonly slug: string;
  /** @default the slug */
  readonly name?: string | undefined;
  /** Types beside `user_registered` and `user_converted`, and what each is. */
  readonly eventTypes?: Readonly<Record<string, TrackedKind>> | undefined;
  /**
   * Stands before the project's user ids, so that user 7 of one project is not user 7 of another. Pages then identify
   * people with the prefix too.
   * @default '' because the people of a workspace are known by one id everywhere
   */
  readonly externalIdPrefix?: string | undefined;
}

export type ProjectSlugTaken = Refusal & { readonly code: 'project_slug_taken' };

/**
 * Creates a project, which the tracking endpoint takes events for.
 * @example
 * await createProject(context, workspace, { slug: 'my-startup', eventTypes: { trial_started: 'lead' } });
 */
export async function createProject(
  context: Context,
  workspace: Workspace,
  input: ProjectInput,
  options?: WriteOptions,
): Promise<Result<Project, ValidationRefusal | ProjectSlugTaken>> {
  const errors = checkProject(input);
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  const now = context.clock.now();
  const project: Project = {
    workspaceId: workspace.id,
    id: context.createId(now),
    slug: input.slug,
    name: input.name?.trim() ?? input.slug,
    eventTypes: input.eventTypes ?? {},
    externalIdPrefix: input.externalIdPrefix ?? '',
    archivedAt: null,
    createdAt: new Date(now),
    updatedAt: new Date(now),
  };
  return inTransaction(context.database, options, async (tx) => {
    if (!(await insertProject(tx, project))) return slugTaken();
    await recordAudit(context, tx, {
      workspaceId: workspace.id,
      action: 'project.created',
      subject: { type: 'project', id: project.id },
    });
    return ok(project);
  });
}

function checkProject({
  slug,
  name,
  eventTypes = {},
  externalIdPrefix = '',
}: ProjectInput): Record<string, readonly string[]> {
  const { nameLengthMax, eventTypesMax, prefixLengthMax } = projectLimits;
  const errors: Record<string, readonly string[]> = {};
  if (typeof slug !== 'string' || !slugPattern.test(slug))
    errors['slug'] = ['must have 1 to 63 lower-case letters, digits and inner hyphens'];
  if (name !== undefined && (name.trim() === '' || isTooMuch(name, nameLengthMax)))
    errors['name'] = [`must have 1 to ${nameLengthMax} characters`];
  if (isTooMuch(externalIdPrefix, prefixLengthMax))
    errors['externalIdPrefix'] = [`must have at most ${prefixLengthMax} characters`];
  if (Object.keys(eventTypes).length > eventTypesMax)
    errors['eventTypes'] = [`must have at most ${eventTypesMax} types`];
  for (const [type, kind] of Object.entries(eventTypes)) {
    const problem = typeProblem(type, kind);
    if (problem !== undefined) errors['eventTypes'] ??= [problem];
  }
  return errors;
}

function typeProblem(type: string, kind: TrackedKind): string | undefined {
  if (!eventTypePattern.test(type))
    return 'must be named with lower-case letters, digits and underscores, 63 at most';
  if (Object.hasOwn(documentedTypes, type)) return `must not name ${type}, which every project has`;
  return trackedKinds.includes(kind)
    ? undefined
    : `must say of each type one of ${trackedKinds.join(', ')}`;
}

function isTooMuch(text: string, lengthMax: number): boolean {
  return text.length > lengthMax || textProblem(text) !== undefined;
}

function slugTaken(): ProjectSlugTaken {
  return refuse('project_slug_taken', 'Another project has this slug', { slug: ['is taken'] });
}
