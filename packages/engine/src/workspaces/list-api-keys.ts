import type { Context } from '../context.ts';
import type { ApiKey } from './api-key.ts';
import { selectApiKeys } from './api-key-store.ts';
import type { Workspace } from './workspace.ts';

/** Newest first, revoked and expired ones too. `cursor` is the id of the last one of the page before. */
export function listApiKeys(
  context: Context,
  workspace: Workspace,
  page: {
    readonly limit?: number;
    readonly offset?: number;
    readonly cursor?: string | undefined;
  } = {},
): Promise<ApiKey[]> {
  const { limit = 50, offset = 0, cursor } = page;
  return selectApiKeys(context.database.db, workspace.id, { limit, offset, cursor });
}
