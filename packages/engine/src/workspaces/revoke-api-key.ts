import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { ApiKey } from './api-key.ts';
import { lockApiKey } from './api-key-store.ts';
import { apiKeyNotFound, writeApiKey } from './update-api-key.ts';
import type { ApiKeyNotFound } from './update-api-key.ts';
import type { Workspace } from './workspace.ts';

/** Ends a key at once and for good. Revoking again changes nothing. */
export async function revokeApiKey(
  context: Context,
  workspace: Workspace,
  input: { readonly id: string },
  options?: WriteOptions,
): Promise<Result<ApiKey, ApiKeyNotFound>> {
  const result = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<ApiKey, ApiKeyNotFound>> => {
      const stored = await lockApiKey(tx, workspace.id, input.id);
      if (stored === undefined) return apiKeyNotFound();
      if (stored.revokedAt !== undefined) return ok(stored);
      const revoked = { ...stored, revokedAt: new Date(context.clock.now()) };
      await writeApiKey(context, tx, revoked);
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'api_key.revoked',
        subject: { type: 'api_key', id: revoked.id },
      });
      return ok(revoked);
    },
  );
  context.apiKeys.forget();
  return result;
}
