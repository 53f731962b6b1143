import type { Context } from '../context.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { ApiKey } from './api-key.ts';
import { selectApiKeys } from './api-key-store.ts';
import type { Workspace } from './workspace.ts';

export interface ApiKeyPage {
  readonly apiKeys: readonly ApiKey[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** Newest first, 50 to a page, revoked and expired ones too. */
export async function listApiKeys(
  context: Context,
  workspace: Workspace,
  input: PageInput = {},
): Promise<Result<ApiKeyPage, InvalidQuery>> {
  const page = readPage(input, 50, readIdCursor);
  if (!page.ok) return page;
  const { limit } = page.value;
  const range = { ...page.value, limit: limit + 1 };
  const found = await selectApiKeys(context.database.db, workspace.id, range);
  const { rows, nextCursor } = cutPage(found, limit, (apiKey) => apiKey.id);
  return ok({ apiKeys: rows, nextCursor });
}
