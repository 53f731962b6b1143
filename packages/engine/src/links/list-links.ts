import type { Context } from '../context.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { normaliseHost } from '../workspaces/domain.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { selectLinks } from './link-store.ts';
import { linkTypes } from './link.ts';
import type { FieldErrors, Link, LinkType } from './link.ts';

/** 50 links to a page where no `limit` is given. */
export interface ListLinksInput extends PageInput {
  readonly linkType?: LinkType | undefined;
  readonly domain?: string | undefined;
  readonly tag?: string | undefined;
  /** @default 'without' */
  readonly archived?: 'without' | 'with' | 'only' | undefined;
}

export interface LinkPage {
  readonly links: readonly Link[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** The links of a workspace, newest first. */
export async function listLinks(
  context: Context,
  workspace: Workspace,
  input: ListLinksInput = {},
): Promise<Result<LinkPage, InvalidQuery>> {
  const { linkType, tag, archived = 'without' } = input;
  const errors: FieldErrors = {};
  if (linkType !== undefined && !linkTypes.includes(linkType))
    errors['linkType'] = [`must be one of ${linkTypes.join(', ')}`];
  if (!['without', 'with', 'only'].includes(archived))
    errors['archived'] = ['must be without, with or only'];
  if (tag !== undefined && (!tag.isWellFormed() || tag.includes('\0')))
    errors['tag'] = ['must not contain NUL or broken characters'];
  const page = readPage(input, 50, readIdCursor, errors);
  if (!page.ok) return page;

  const domain = input.domain === undefined ? undefined : normaliseHost(input.domain);
  if (input.domain !== undefined && domain === undefined)
    return ok({ links: [], nextCursor: undefined });

  const { limit, offset, before } = page.value;
  const found = await selectLinks(context.database.db, workspace.id, {
    archived,
    limit: limit + 1,
    offset,
    ...(linkType === undefined ? {} : { linkType }),
    ...(domain === undefined ? {} : { domain }),
    ...(tag === undefined ? {} : { tag }),
    ...(before === undefined ? {} : { beforeId: before }),
  });
  const { rows, nextCursor } = cutPage(found, limit, (link) => link.id);
  return ok({ links: rows, nextCursor });
}
