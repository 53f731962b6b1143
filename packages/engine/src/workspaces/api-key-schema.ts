import * as z from 'zod';

import { idOut, instant, pageQuery, text, timestampOut, uuid } from '../http/fields-schema.ts';
import { apiKeyKinds, apiKeyScopes } from './api-key.ts';
import type { ApiKey, CreatedApiKey } from './api-key.ts';

const scopes = z.array(z.enum(apiKeyScopes)).min(1).max(20);
const allowedHosts = z
  .array(text(260))
  .max(100)
  .meta({
    description: 'Publishable keys only: exact hosts, or `*.example.com`',
    example: ['shop.example.com'],
  });

export const apiKeyParams = z
  .strictObject({
    kind: z.enum(apiKeyKinds).default('secret'),
    name: text(200).meta({ example: 'Shop server' }),
    scopes: scopes
      .optional()
      .meta({ description: 'Default: `read` and `write`; `beacon` for a publishable key' }),
    allowed_hosts: allowedHosts.optional(),
    expires_at: instant.optional(),
  })
  .meta({ id: 'ApiKeyParams' });

export const apiKeyUpdateParams = z
  .strictObject({
    name: text(200).optional(),
    scopes: scopes.optional(),
    allowed_hosts: allowedHosts.optional(),
    expires_at: instant.nullish().meta({ description: '`null`: never' }),
  })
  .meta({ id: 'ApiKeyUpdateParams' });

export const apiKeyRotateParams = z
  .strictObject({
    grace_seconds: z.int().min(0).max(31_536_000).optional().meta({
      description: 'How long the old key stays valid',
      default: 86_400,
    }),
  })
  .meta({ id: 'ApiKeyRotateParams' });

export const apiKeyIdParams = z.object({ id: uuid });
export const apiKeyQuery = z.strictObject(pageQuery(50));

export const apiKeyResponse = z
  .object({
    id: idOut,
    kind: z.enum(apiKeyKinds),
    name: z.string(),
    display_prefix: z.string().meta({ example: 'hw_sk_Zx81Qa' }),
    scopes: z.array(z.enum(apiKeyScopes)),
    allowed_hosts: z.array(z.string()),
    expires_at: timestampOut.nullable(),
    revoked_at: timestampOut.nullable(),
    last_used_at: timestampOut.nullable(),
    replaces_id: idOut.nullable(),
    inserted_at: timestampOut,
  })
  .meta({ id: 'ApiKeyResponse' });

export const createdApiKeyResponse = apiKeyResponse
  .extend({
    key: z.string().optional().meta({
      description: 'The key itself, told once; a replay of the request answers without it',
      example: 'hw_sk_Zx81Qa…',
    }),
  })
  .meta({ id: 'CreatedApiKeyResponse' });

export function toApiKeyResponse(apiKey: ApiKey): z.input<typeof apiKeyResponse> {
  return {
    id: apiKey.id,
    kind: apiKey.kind,
    name: apiKey.name,
    display_prefix: apiKey.displayPrefix,
    scopes: [...apiKey.scopes],
    allowed_hosts: [...apiKey.allowedHosts],
    expires_at: apiKey.expiresAt?.toISOString() ?? null,
    revoked_at: apiKey.revokedAt?.toISOString() ?? null,
    last_used_at: apiKey.lastUsedAt?.toISOString() ?? null,
    replaces_id: apiKey.replacesId ?? null,
    inserted_at: apiKey.createdAt.toISOString(),
  };
}

export function toCreatedApiKeyResponse(
  created: CreatedApiKey,
): z.input<typeof createdApiKeyResponse> {
  return { ...toApiKeyResponse(created), key: created.key };
}
