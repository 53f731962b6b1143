import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { WriteOptions } from '../store/database.ts';
import { normaliseHost } from '../workspaces/domain.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { LinkInput } from './create-link.ts';
import { keyProblem } from './link-key.ts';
import { invalidLink } from './link-refusals.ts';
import { stampVariants } from './link-routing.ts';
import { changeLink, emptyLink } from './link.ts';
import type { FieldErrors, Link } from './link.ts';
import { findUtmTemplate } from './utm-template-store.ts';
import { fillUtm } from './utm-template.ts';
import type { UtmTemplate } from './utm-template.ts';

/** A link that could be made, but for what the database has to say about it. */
export type LinkDraft = Omit<Link, 'key' | 'caseSensitive'> & {
  /** Nothing where it is to be generated. */
  readonly key: string | undefined;
};

/** Checks all that can be checked without looking at other links. */
export async function draftLink(
  context: Context,
  workspace: Workspace,
  input: LinkInput,
  options?: WriteOptions,
): Promise<Result<LinkDraft, ReturnType<typeof invalidLink>>> {
  const db = options?.tx === undefined ? context.database.db : context.database.join(options.tx);
  const { utmTemplateId } = input;
  const isNone = utmTemplateId === null;
  const isNothing = utmTemplateId !== undefined && !isNone && !isUuid(utmTemplateId);
  const template =
    isNone || isNothing ? undefined : await findUtmTemplate(db, workspace.id, utmTemplateId);
  return draftWith(context, workspace, input, () => template);
}

/** The same for many links whose templates are known. `null` asks for none, `undefined` for the default one. */
export function draftWith(
  context: Context,
  workspace: Workspace,
  input: LinkInput,
  templateOf: (id: string | undefined) => UtmTemplate | undefined,
): Result<LinkDraft, ReturnType<typeof invalidLink>> {
  const errors: FieldErrors = {};
  const domain = readDomain(context, input.domain, errors);
  const key = input.key ?? undefined;
  if (key !== undefined) {
    const problem = keyProblem(key, context.options.basePath ?? '/hw');
    if (problem !== undefined) errors['key'] = [problem];
  }
  const { utmTemplateId } = input;
  const template = utmTemplateId === null ? undefined : templateOf(utmTemplateId);
  if (typeof utmTemplateId === 'string' && template === undefined)
    errors['utmTemplateId'] = ['is no template of this workspace'];
  const changed = changeLink(emptyLink, fillUtm(input, template), {
    appSchemes: appSchemesOf(context, workspace),
    domain: domain ?? '',
    key,
  });
  Object.assign(errors, changed.errors);
  if (domain === undefined || Object.keys(errors).length > 0) return invalidLink(errors);
  const now = context.clock.now();
  return ok({
    ...changed.fields,
    routing: stampVariants(changed.fields.routing, null, now),
    isProtected: input.password != null,
    workspaceId: workspace.id,
    id: context.createId(now),
    domain,
    key,
    archivedAt: null,
    isDown: false,
    createdAt: new Date(now),
    updatedAt: new Date(now),
  });
}

/** What destinations may use beside http and https: what the options and what the workspace allow. */
export function appSchemesOf(context: Context, workspace: Workspace): readonly string[] {
  return [...(context.options.links?.appSchemes ?? []), ...(workspace.settings.appSchemes ?? [])];
}

/** The host of a new link: what is asked for, or the first one of the options. */
function readDomain(context: Context, input: unknown, errors: FieldErrors): string | undefined {
  const text = input ?? context.options.links?.domains?.[0];
  if (text === undefined) {
    errors['domain'] = ['is required'];
    return undefined;
  }
  const domain = typeof text === 'string' ? normaliseHost(text) : undefined;
  if (domain === undefined)
    errors['domain'] = ['must be a host name, with a port where it is not the usual one'];
  return domain;
}
