import { changedFields } from '../audit/audit-entry.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { insertChange } from '../store/change-log.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { ApiKey, ApiKeyScope } from './api-key.ts';
import { lockApiKey, updateApiKeyRow } from './api-key-store.ts';
import { checkDetails } from './create-api-key.ts';
import type { Workspace } from './workspace.ts';

export interface UpdateApiKeyInput {
  readonly id: string;
  readonly name?: string | undefined;
  readonly scopes?: readonly ApiKeyScope[] | undefined;
  readonly allowedHosts?: readonly string[] | undefined;
  /** `null`: never. */
  readonly expiresAt?: Date | null | undefined;
}

export type ApiKeyNotFound = Refusal & { readonly code: 'api_key_not_found' };

export async function updateApiKey(
  context: Context,
  workspace: Workspace,
  input: UpdateApiKeyInput,
  options?: WriteOptions,
): Promise<Result<ApiKey, ApiKeyNotFound | ValidationRefusal>> {
  const result = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<ApiKey, ApiKeyNotFound | ValidationRefusal>> => {
      const stored = await lockApiKey(tx, workspace.id, input.id);
      if (stored === undefined) return apiKeyNotFound();
      const details = checkDetails(
        {
          kind: stored.kind,
          name: input.name?.trim() ?? stored.name,
          scopes: input.scopes ?? stored.scopes,
          allowedHosts: input.allowedHosts ?? stored.allowedHosts,
          expiresAt: input.expiresAt ?? undefined,
        },
        context.clock.now(),
      );
      if (!details.ok) return details;
      const expiresAt = input.expiresAt === undefined ? stored.expiresAt : details.value.expiresAt;
      const changed = { ...stored, ...details.value, expiresAt };
      await writeApiKey(context, tx, changed);
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'api_key.updated',
        subject: { type: 'api_key', id: changed.id },
        changes: changedFields({ ...stored }, { ...changed }),
      });
      return ok(changed);
    },
  );
  context.apiKeys.forget();
  return result;
}

/** Writes a changed key and tells the other processes. */
export async function writeApiKey(context: Context, tx: Tx, apiKey: ApiKey): Promise<void> {
  const now = context.clock.now();
  await updateApiKeyRow(tx, apiKey);
  await insertChange(tx, {
    workspaceId: apiKey.workspaceId,
    id: context.createId(now),
    topic: 'api_key',
    subject: { id: apiKey.id },
    at: new Date(now),
  });
}

export function apiKeyNotFound(): ApiKeyNotFound {
  return refuse('api_key_not_found', 'API key not found');
}
