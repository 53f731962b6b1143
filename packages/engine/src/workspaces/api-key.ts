import { withoutPort } from './domain.ts';

export const apiKeyKinds = ['secret', 'publishable'] as const;
export type ApiKeyKind = (typeof apiKeyKinds)[number];

/**
 * `admin` may do everything, `write` includes the two narrower writes, `read` reads; publishable keys have `beacon`
 * and nothing else.
 */
export const apiKeyScopes = [
  'admin',
  'read',
  'write',
  'events:write',
  'tracking:write',
  'beacon',
] as const;
export type ApiKeyScope = (typeof apiKeyScopes)[number];

/** A key without its secret, which nobody has but who created it. */
export interface ApiKey {
  readonly id: string;
  readonly workspaceId: string;
  readonly kind: ApiKeyKind;
  readonly name: string;
  /** The first 12 characters, to tell keys apart. */
  readonly displayPrefix: string;
  readonly scopes: readonly ApiKeyScope[];
  /** Hosts whose pages may use a publishable key: exact, or `*.example.com`; none means every host. */
  readonly allowedHosts: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date | undefined;
  readonly revokedAt: Date | undefined;
  readonly lastUsedAt: Date | undefined;
  /** The key that this one was rotated from. */
  readonly replacesId: string | undefined;
}

/** What creating or rotating returns, once. */
export interface CreatedApiKey extends ApiKey {
  readonly key: string;
}

export const keyPrefixes: Readonly<Record<ApiKeyKind, string>> = {
  secret: 'hw_sk_',
  publishable: 'hw_pk_',
};

export const displayPrefixLength = 12;

// A prefix and 24 random bytes as base64url.
const keyPattern = /^hw_[sp]k_[A-Za-z0-9_-]{32}$/;

export function isApiKeyText(text: string): boolean {
  return keyPattern.test(text);
}

export const defaultScopes: Readonly<Record<ApiKeyKind, readonly ApiKeyScope[]>> = {
  secret: ['read', 'write'],
  publishable: ['beacon'],
};

/** Whether scopes allow what a route needs. */
export function grants(scopes: readonly string[], needed: ApiKeyScope): boolean {
  if (scopes.includes(needed)) return true;
  if (needed === 'beacon') return false;
  if (scopes.includes('admin')) return true;
  return (needed === 'events:write' || needed === 'tracking:write') && scopes.includes('write');
}

/** Why a key is not valid at a time, if it is not. */
export function apiKeyState(apiKey: ApiKey, now: number): 'valid' | 'revoked' | 'expired' {
  if (apiKey.revokedAt !== undefined && apiKey.revokedAt.getTime() <= now) return 'revoked';
  if (apiKey.expiresAt !== undefined && apiKey.expiresAt.getTime() <= now) return 'expired';
  return 'valid';
}

/** Whether pages of a host may use the key. An entry without a port allows every port. */
export function isHostAllowed(apiKey: Pick<ApiKey, 'allowedHosts'>, host: string): boolean {
  if (apiKey.allowedHosts.length === 0) return true;
  const bare = withoutPort(host);
  return apiKey.allowedHosts.some((allowed) => {
    const candidate = allowed.includes(':') ? host : bare;
    return allowed.startsWith('*.') ? candidate.endsWith(allowed.slice(1)) : candidate === allowed;
  });
}

/** The API keys, remembered in the process for a short time and kept fresh by the change log. */
export interface ApiKeyDirectory {
  /** The key with this text, whatever its state. */
  find(key: string): Promise<ApiKey | undefined>;
  /** Whether there is any key at all: without one, nobody can be recognised. */
  any(): Promise<boolean>;
  /** Notes a use; written at most once a minute for each key, and never a reason to fail. */
  noteUse(apiKey: ApiKey): Promise<void>;
  /** Forgets every key: one topic `api_key` in the change log is reason enough. */
  forget(): void;
}
