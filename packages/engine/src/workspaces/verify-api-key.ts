import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { apiKeyState } from './api-key.ts';
import type { ApiKey } from './api-key.ts';

export type VerifyApiKeyRefusal = Refusal & {
  readonly code: 'unauthorized' | 'api_key_expired' | 'api_key_revoked';
};

/** The valid API key with this text, its use noted. What it may do is for the caller to ask. */
export async function verifyApiKey(
  context: Context,
  key: string,
): Promise<Result<ApiKey, VerifyApiKeyRefusal>> {
  const apiKey = await context.apiKeys.find(key);
  if (apiKey === undefined) return refuse('unauthorized', 'Unauthorized');
  const state = apiKeyState(apiKey, context.clock.now());
  if (state === 'expired') return refuse('api_key_expired', 'The API key has expired');
  if (state === 'revoked') return refuse('api_key_revoked', 'The API key was revoked');
  await context.apiKeys.noteUse(apiKey);
  return ok(apiKey);
}
