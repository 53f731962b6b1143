import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { cutPage, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { normaliseHost } from '../workspaces/domain.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { linkCursorOf, linkOrders, linkSorts, readLinkCursor } from './link-cursor.ts';
import type { LinkOrder, LinkSort } from './link-cursor.ts';
import { selectLinks } from './link-list-store.ts';
import { hasControlCharacter } from './link-url.ts';
import { linkTypes } from './link.ts';
import type { FieldErrors, Link, LinkType } from './link.ts';

/** 50 links to a page where no `limit` is given. */
export interface ListLinksInput extends PageInput {
  readonly linkType?: LinkType | undefined;
  readonly domain?: string | undefined;
  readonly tag?: string | undefined;
  /** Those that a partner earns on. */
  readonly partnerId?: string | undefined;
  readonly folderId?: string | undefined;
  /** Whether the last checks of the destination failed. */
  readonly isDown?: boolean | undefined;
  /** A part of the key, the destination, the external id, the UTM campaign or a tag, in whatever case. */
  readonly search?: string | undefined;
  /** @default 'without' */
  readonly archived?: 'without' | 'with' | 'only' | undefined;
  /** @default 'createdAt' */
  readonly sort?: LinkSort | undefined;
  /** @default 'desc' */
  readonly order?: LinkOrder | undefined;
}

export interface LinkPage {
  readonly links: readonly Link[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

const archivedChoices = ['without', 'with', 'only'] as const;
const searchLengthMax = 200;

/**
 * The links of a workspace, newest first unless another order is asked for. Links that are equal in what the list is
 * sorted by are in the order in which they were made. A counter that moves while somebody pages moves its link too.
 */
export async function listLinks(
  context: Context,
  workspace: Workspace,
  input: ListLinksInput = {},
): Promise<Result<LinkPage, InvalidQuery>> {
  const { linkType, tag, partnerId, folderId, isDown, search } = input;
  const { archived = 'without', sort = 'createdAt', order = 'desc' } = input;
  const page = readPage(
    input,
    50,
    (cursor) => readLinkCursor(cursor, sort),
    findProblems({ ...input, archived, sort, order }),
  );
  if (!page.ok) return page;

  const domain = input.domain === undefined ? undefined : normaliseHost(input.domain);
  if (input.domain !== undefined && domain === undefined)
    return ok({ links: [], nextCursor: undefined });

  const { limit, offset, before: after } = page.value;
  const filter = {
    linkType,
    domain,
    tag,
    partnerId,
    folderId,
    isDown,
    search,
    archived,
    sort,
    order,
  };
  const found = await selectLinks(context.database.db, workspace, {
    ...filter,
    after,
    limit: limit + 1,
    offset,
  });
  const { rows, nextCursor } = cutPage(found, limit, ({ link, value }) =>
    linkCursorOf(sort, { value, id: link.id }),
  );
  return ok({ links: rows.map(({ link }) => link), nextCursor });
}

function findProblems(input: ListLinksInput): FieldErrors {
  const choices = {
    linkType: linkTypes,
    archived: archivedChoices,
    sort: linkSorts,
    order: linkOrders,
  } as const;
  const errors: FieldErrors = {};
  for (const [field, values] of Object.entries(choices)) {
    const value = input[field as keyof typeof choices];
    if (value !== undefined && !(values as readonly string[]).includes(value))
      errors[field] = [`must be one of ${values.join(', ')}`];
  }
  const { tag, search } = input;
  if (tag !== undefined && (!tag.isWellFormed() || tag.includes('\0')))
    errors['tag'] = ['must not contain NUL or broken characters'];
  if (search !== undefined) {
    if (search === '' || search.length > searchLengthMax)
      errors['search'] = [`must have 1 to ${searchLengthMax} characters`];
    else if (!search.isWellFormed() || hasControlCharacter(search))
      errors['search'] = ['must not contain control or broken characters'];
  }
  for (const field of ['partnerId', 'folderId'] as const)
    if (input[field] !== undefined && !isUuid(input[field])) errors[field] = ['must be a UUID'];
  return errors;
}
