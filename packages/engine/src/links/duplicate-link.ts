import type { Context } from '../context.ts';
import type { Result } from '../kernel/result.ts';
import type { WriteOptions } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createLink } from './create-link.ts';
import type { CreatedLink, CreateLinkRefusal, LinkInput } from './create-link.ts';
import { getLink } from './get-link.ts';
import { emptyLink } from './link.ts';
import type { LinkChanges, LinkFields } from './link.ts';
import { linkNotFound } from './update-link.ts';

export type DuplicateLinkRefusal = CreateLinkRefusal | ReturnType<typeof linkNotFound>;

/**
 * Makes another link with the settings of this one: on its domain, under a generated key, unless something else is
 * given. The external id is not copied, for it names one link; nor is a password, which nobody can read.
 */
export async function duplicateLink(
  context: Context,
  workspace: Workspace,
  id: string,
  changes: LinkChanges & Pick<LinkInput, 'domain' | 'key'> = {},
  options?: WriteOptions,
): Promise<Result<CreatedLink, DuplicateLinkRefusal>> {
  const database = { ...context.database };
  if (options?.tx !== undefined) Object.assign(database, { db: database.join(options.tx) });
  const link = await getLink({ ...context, database }, workspace, id);
  if (link === undefined) return linkNotFound();
  const names = Object.keys(emptyLink) as Array<keyof LinkFields>;
  const copied = Object.fromEntries(
    names.filter((name) => name !== 'externalId').map((name) => [name, link[name]]),
  );
  const given = Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  );
  const input = { ...copied, domain: link.domain, ...given, utmTemplateId: null };
  return createLink(context, workspace, input as unknown as LinkInput, options);
}
