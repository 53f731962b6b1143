import { givenFields } from '../audit/audit-entry.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { randomToken } from '../security/keyring.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import { apiKeyScopes, defaultScopes, displayPrefixLength, keyPrefixes } from './api-key.ts';
import type { ApiKey, ApiKeyKind, ApiKeyScope, CreatedApiKey } from './api-key.ts';
import { insertApiKey } from './api-key-store.ts';
import { normaliseHost } from './domain.ts';
import type { Workspace } from './workspace.ts';

export interface CreateApiKeyInput {
  readonly kind: ApiKeyKind;
  readonly name: string;
  /** @default read and write for a secret key; a publishable one has `beacon` and no other */
  readonly scopes?: readonly ApiKeyScope[] | undefined;
  /** Publishable keys only: exact hosts, or `*.example.com`. @default every host */
  readonly allowedHosts?: readonly string[] | undefined;
  /** @default never */
  readonly expiresAt?: Date | undefined;
}

/** Makes a key. Its text is on the answer and can never be read again. */
export async function createApiKey(
  context: Context,
  workspace: Workspace,
  input: CreateApiKeyInput,
  options?: WriteOptions,
): Promise<Result<CreatedApiKey, ValidationRefusal>> {
  const now = context.clock.now();
  const details = checkDetails(
    {
      kind: input.kind,
      name: input.name.trim(),
      scopes: input.scopes ?? defaultScopes[input.kind],
      allowedHosts: input.allowedHosts ?? [],
      expiresAt: input.expiresAt,
    },
    now,
  );
  if (!details.ok) return details;
  const created = await inTransaction(context.database, options, (tx) =>
    issueApiKey(context, tx, workspace, { ...details.value, replacesId: undefined }),
  );
  return ok(created);
}

export type ApiKeyDetails = Pick<ApiKey, 'kind' | 'name' | 'scopes' | 'allowedHosts' | 'expiresAt'>;

export async function issueApiKey(
  context: Context,
  tx: Tx,
  workspace: Workspace,
  details: ApiKeyDetails & Pick<ApiKey, 'replacesId'>,
): Promise<CreatedApiKey> {
  const now = context.clock.now();
  const key = keyPrefixes[details.kind] + randomToken(24);
  const apiKey: ApiKey = {
    id: context.createId(now),
    workspaceId: workspace.id,
    ...details,
    displayPrefix: key.slice(0, displayPrefixLength),
    createdAt: new Date(now),
    revokedAt: undefined,
    lastUsedAt: undefined,
  };
  await insertApiKey(tx, apiKey, context.keyring.hash('api-key', key));
  await recordAudit(context, tx, {
    workspaceId: workspace.id,
    action: 'api_key.created',
    subject: { type: 'api_key', id: apiKey.id },
    changes: givenFields({ ...details, replacesId: details.replacesId }),
  });
  return { ...apiKey, key };
}

/** The details in their stored form, or what is wrong with them. */
export function checkDetails(
  details: ApiKeyDetails,
  now: number,
): Result<ApiKeyDetails, ValidationRefusal> {
  const errors: Record<string, string[]> = {};
  if (details.name === '' || details.name.length > 200)
    errors['name'] = ['must have 1 to 200 characters'];
  const scopeError = checkScopes(details.kind, details.scopes);
  if (scopeError !== undefined) errors['scopes'] = [scopeError];
  if (details.expiresAt !== undefined && !(details.expiresAt.getTime() > now)) {
    errors['expiresAt'] = ['must be in the future'];
  }
  const allowedHosts: string[] = [];
  for (const [index, pattern] of details.allowedHosts.entries()) {
    const normal = normaliseHostPattern(pattern);
    if (normal === undefined)
      errors[`allowedHosts[${index}]`] = ['must be a host name or *.example.com'];
    else allowedHosts.push(normal);
  }
  if (details.kind === 'secret' && allowedHosts.length > 0) {
    errors['allowedHosts'] = ['belong to publishable keys: a secret key must not reach a page'];
  }
  if (allowedHosts.length > 100) errors['allowedHosts'] = ['must have 100 entries at most'];
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  return ok({
    kind: details.kind,
    name: details.name,
    scopes: [...new Set(details.scopes)],
    allowedHosts: [...new Set(allowedHosts)],
    expiresAt: details.expiresAt,
  });
}

function checkScopes(kind: ApiKeyKind, scopes: readonly ApiKeyScope[]): string | undefined {
  if (scopes.length === 0) return 'must name at least one scope';
  const unknown = scopes.find((scope) => !apiKeyScopes.includes(scope));
  if (unknown !== undefined) return `must be some of ${apiKeyScopes.join(', ')}`;
  if (kind === 'publishable' && scopes.some((scope) => scope !== 'beacon')) {
    return 'of a publishable key can only be beacon: everybody can read it';
  }
  if (kind === 'secret' && scopes.includes('beacon')) return 'of a secret key cannot have beacon';
  return undefined;
}

function normaliseHostPattern(pattern: string): string | undefined {
  if (!pattern.startsWith('*.')) return normaliseHost(pattern);
  const host = normaliseHost(pattern.slice(2));
  return host === undefined ? undefined : `*.${host}`;
}
