import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { hour, toMilliseconds } from '../kernel/clock.ts';
import type { Duration } from '../kernel/clock.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import { apiKeyState } from './api-key.ts';
import type { ApiKey, CreatedApiKey } from './api-key.ts';
import { lockApiKey } from './api-key-store.ts';
import { issueApiKey } from './create-api-key.ts';
import { apiKeyNotFound, writeApiKey } from './update-api-key.ts';
import type { ApiKeyNotFound } from './update-api-key.ts';
import type { Workspace } from './workspace.ts';

export interface RotateApiKeyInput {
  readonly id: string;
  /** How long the old key stays valid. @default { hours: 24 } */
  readonly grace?: Duration | undefined;
}

export type RotateApiKeyRefusal =
  | ApiKeyNotFound
  | (Refusal & { readonly code: 'api_key_inactive' });

/** Replaces a key by a new one with the same rights and the same span of life. */
export async function rotateApiKey(
  context: Context,
  workspace: Workspace,
  input: RotateApiKeyInput,
  options?: WriteOptions,
): Promise<Result<CreatedApiKey, RotateApiKeyRefusal>> {
  const result = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<CreatedApiKey, RotateApiKeyRefusal>> => {
      const old = await lockApiKey(tx, workspace.id, input.id);
      if (old === undefined) return apiKeyNotFound();
      const now = context.clock.now();
      if (apiKeyState(old, now) !== 'valid') {
        return refuse('api_key_inactive', 'A revoked or expired API key cannot be rotated');
      }
      const created = await issueApiKey(context, tx, workspace, {
        kind: old.kind,
        name: old.name,
        scopes: old.scopes,
        allowedHosts: old.allowedHosts,
        expiresAt: sameSpan(old, now),
        replacesId: old.id,
      });
      const graceEnd = now + (input.grace === undefined ? 24 * hour : toMilliseconds(input.grace));
      const expiresAt = new Date(Math.min(graceEnd, old.expiresAt?.getTime() ?? Infinity));
      await writeApiKey(context, tx, { ...old, expiresAt });
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'api_key.rotated',
        subject: { type: 'api_key', id: old.id },
        changes: { expires_at: { from: old.expiresAt ?? null, to: expiresAt } },
      });
      return ok(created);
    },
  );
  context.apiKeys.forget();
  return result;
}

function sameSpan(old: ApiKey, now: number): Date | undefined {
  if (old.expiresAt === undefined) return undefined;
  return new Date(now + old.expiresAt.getTime() - old.createdAt.getTime());
}
