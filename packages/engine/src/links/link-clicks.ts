import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findLink, selectLinkClicks } from './link-store.ts';
import type { LinkClick } from './link-store.ts';
import { linkNotFound } from './update-link.ts';

export interface LinkClicksInput {
  /** 1 to 200. @default 50 */
  readonly limit?: number | undefined;
  /** @default 0 */
  readonly offset?: number | undefined;
  /** Bots, crawlers and previews too. @default false */
  readonly machines?: boolean | undefined;
}

const limitMax = 200;

/** The newest clicks of a link. */
export async function linkClicks(
  context: Context,
  workspace: Workspace,
  id: string,
  input: LinkClicksInput = {},
): Promise<
  Result<readonly LinkClick[], Refusal & { readonly code: 'link_not_found' | 'invalid_query' }>
> {
  const { limit = 50, offset = 0, machines = false } = input;
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax) {
    return refuse('invalid_query', `limit must be 1 to ${limitMax}.`, {
      limit: [`must be 1 to ${limitMax}`],
    });
  }
  if (!Number.isSafeInteger(offset) || offset < 0) {
    return refuse('invalid_query', 'offset must be 0 or more.', { offset: ['must be 0 or more'] });
  }
  if (!isUuid(id) || (await findLink(context.database.db, workspace.id, id)) === undefined)
    return linkNotFound();
  return ok(
    await selectLinkClicks(context.database.db, workspace.id, id, { limit, offset, machines }),
  );
}
