import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { normaliseHost } from '../workspaces/domain.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { selectLinks } from './link-store.ts';
import { linkTypes } from './link.ts';
import type { FieldErrors, Link, LinkType } from './link.ts';

export interface ListLinksInput {
  /** 1 to 200. @default 50 */
  readonly limit?: number | undefined;
  /** @default 0 */
  readonly offset?: number | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  readonly linkType?: LinkType | undefined;
  readonly domain?: string | undefined;
  readonly tag?: string | undefined;
  /** @default 'without' */
  readonly archived?: 'without' | 'with' | 'only' | undefined;
}

export interface LinkPage {
  readonly links: readonly Link[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

const limitMax = 200;

/** The links of a workspace, newest first. */
export async function listLinks(
  context: Context,
  workspace: Workspace,
  input: ListLinksInput = {},
): Promise<Result<LinkPage, Refusal & { readonly code: 'invalid_query' }>> {
  const { limit = 50, offset = 0, cursor, linkType, tag, archived = 'without' } = input;
  const errors: FieldErrors = {};
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax)
    errors['limit'] = [`must be 1 to ${limitMax}`];
  if (!Number.isSafeInteger(offset) || offset < 0) errors['offset'] = ['must be 0 or more'];
  if (cursor !== undefined && !isUuid(cursor)) errors['cursor'] = ['is not a cursor of this list'];
  if (linkType !== undefined && !linkTypes.includes(linkType))
    errors['linkType'] = [`must be one of ${linkTypes.join(', ')}`];
  if (!['without', 'with', 'only'].includes(archived))
    errors['archived'] = ['must be without, with or only'];
  if (tag !== undefined && (!tag.isWellFormed() || tag.includes('\0')))
    errors['tag'] = ['must not contain NUL or broken characters'];
  const [problem] = Object.entries(errors);
  if (problem !== undefined)
    return refuse('invalid_query', `${problem[0]} ${problem[1][0]}.`, errors);

  const domain = input.domain === undefined ? undefined : normaliseHost(input.domain);
  if (input.domain !== undefined && domain === undefined) return ok({ links: [] });

  const found = await selectLinks(context.database.db, workspace.id, {
    archived,
    // One more than asked tells whether there is a next page.
    limit: limit + 1,
    offset,
    ...(linkType === undefined ? {} : { linkType }),
    ...(domain === undefined ? {} : { domain }),
    ...(tag === undefined ? {} : { tag }),
    ...(cursor === undefined ? {} : { beforeId: cursor }),
  });
  const links = found.slice(0, limit);
  const last = links.at(-1);
  return ok(
    found.length > limit && last !== undefined ? { links, nextCursor: last.id } : { links },
  );
}
