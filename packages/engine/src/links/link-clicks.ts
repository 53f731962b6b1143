import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { cutPage, readPage, readTimeCursor, timeCursorOf } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findLink, selectLinkClicks } from './link-store.ts';
import type { LinkClick } from './link-store.ts';
import { linkNotFound } from './update-link.ts';

/** 50 clicks to a page where no `limit` is given. */
export interface LinkClicksInput extends PageInput {
  /** Bots, crawlers and previews too. @default false */
  readonly machines?: boolean | undefined;
}

export interface LinkClickPage {
  readonly clicks: readonly LinkClick[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** The clicks of a link, newest first. */
export async function linkClicks(
  context: Context,
  workspace: Workspace,
  id: string,
  input: LinkClicksInput = {},
): Promise<Result<LinkClickPage, InvalidQuery | (Refusal & { readonly code: 'link_not_found' })>> {
  const page = readPage(input, 50, readTimeCursor);
  if (!page.ok) return page;
  const { db } = context.database;
  if (!isUuid(id) || (await findLink(db, workspace.id, id)) === undefined) return linkNotFound();
  const { limit } = page.value;
  const found = await selectLinkClicks(db, workspace.id, id, {
    ...page.value,
    limit: limit + 1,
    machines: input.machines ?? false,
  });
  const { rows, nextCursor } = cutPage(found, limit, timeCursorOf);
  return ok({ clicks: rows, nextCursor });
}
