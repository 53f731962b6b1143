import type { Context } from '../context.ts';
import { cutPage, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { normaliseHost } from './domain.ts';
import type { Domain } from './domain.ts';
import { selectDomainPage } from './domain-store.ts';
import type { Workspace } from './workspace.ts';

export interface DomainPage {
  readonly domains: readonly Domain[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** The hosts that a workspace has claimed, proven or not, by name, 50 to a page. */
export async function listDomains(
  context: Context,
  workspace: Workspace,
  input: PageInput = {},
): Promise<Result<DomainPage, InvalidQuery>> {
  const page = readPage(input, 50, normaliseHost);
  if (!page.ok) return page;
  const { limit, offset, before: after } = page.value;
  const range = { limit: limit + 1, offset, after };
  const found = await selectDomainPage(context.database.db, workspace.id, range);
  const { rows, nextCursor } = cutPage(found, limit, (domain) => domain.host);
  return ok({ domains: rows, nextCursor });
}
