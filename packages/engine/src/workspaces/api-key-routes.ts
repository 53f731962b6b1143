import { answer, defineRoute } from '../http/route.ts';
import {
  apiKeyIdParams,
  apiKeyParams,
  apiKeyQuery,
  apiKeyResponse,
  apiKeyRotateParams,
  apiKeyUpdateParams,
  createdApiKeyResponse,
  toApiKeyResponse,
  toCreatedApiKeyResponse,
} from './api-key-schema.ts';
import type { CreatedApiKey } from './api-key.ts';
import { createApiKey } from './create-api-key.ts';
import { listApiKeys } from './list-api-keys.ts';
import { revokeApiKey } from './revoke-api-key.ts';
import { rotateApiKey } from './rotate-api-key.ts';
import { updateApiKey } from './update-api-key.ts';

const create = defineRoute({
  method: 'post',
  path: '/api-keys',
  operationId: 'createApiKey',
  tag: 'API keys',
  summary: 'Create an API key',
  description: 'The key is on this answer and can never be read again.',
  scope: 'admin',
  body: apiKeyParams,
  responses: { 201: { description: 'The key', schema: createdApiKeyResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { body, options }) {
    const { allowed_hosts: allowedHosts, expires_at: expiresAt, ...rest } = body;
    const created = await createApiKey(
      context,
      workspace,
      { ...rest, allowedHosts, expiresAt },
      options,
    );
    return created.ok ? answerOnce(created.value) : created;
  },
});

const list = defineRoute({
  method: 'get',
  path: '/api-keys',
  operationId: 'listApiKeys',
  tag: 'API keys',
  summary: 'List the API keys, newest first',
  scope: 'admin',
  query: apiKeyQuery,
  responses: { 200: { description: 'The keys', schema: apiKeyResponse.array(), paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const page = await listApiKeys(context, workspace, query);
    if (!page.ok) return page;
    const { apiKeys, nextCursor } = page.value;
    return answer(200, apiKeys.map(toApiKeyResponse), { nextCursor });
  },
});

const update = defineRoute({
  method: 'patch',
  path: '/api-keys/{id}',
  operationId: 'updateApiKey',
  tag: 'API keys',
  summary: 'Change an API key',
  scope: 'admin',
  params: apiKeyIdParams,
  body: apiKeyUpdateParams,
  responses: { 200: { description: 'The key', schema: apiKeyResponse } },
  refusals: ['api_key_not_found', 'validation_failed'],
  async handle(context, workspace, { params, body, options }) {
    const { allowed_hosts: allowedHosts, expires_at: expiresAt, ...rest } = body;
    const changed = await updateApiKey(
      context,
      workspace,
      { ...rest, ...params, allowedHosts, expiresAt },
      options,
    );
    return changed.ok ? answer(200, toApiKeyResponse(changed.value)) : changed;
  },
});

const rotate = defineRoute({
  method: 'post',
  path: '/api-keys/{id}/rotate',
  operationId: 'rotateApiKey',
  tag: 'API keys',
  summary: 'Replace an API key',
  description: 'The new key has the same rights; the old one stays valid for a while.',
  scope: 'admin',
  params: apiKeyIdParams,
  body: apiKeyRotateParams,
  emptyBody: {},
  responses: { 201: { description: 'The new key', schema: createdApiKeyResponse } },
  refusals: ['api_key_not_found', 'api_key_inactive'],
  async handle(context, workspace, { params, body, options }) {
    const grace = body.grace_seconds === undefined ? undefined : { seconds: body.grace_seconds };
    const rotated = await rotateApiKey(context, workspace, { ...params, grace }, options);
    return rotated.ok ? answerOnce(rotated.value) : rotated;
  },
});

const revoke = defineRoute({
  method: 'delete',
  path: '/api-keys/{id}',
  operationId: 'revokeApiKey',
  tag: 'API keys',
  summary: 'Revoke an API key',
  scope: 'admin',
  params: apiKeyIdParams,
  responses: { 204: { description: 'Revoked' } },
  refusals: ['api_key_not_found'],
  async handle(context, workspace, { params, options }) {
    const revoked = await revokeApiKey(context, workspace, params, options);
    return revoked.ok ? answer(204) : revoked;
  },
});

export const apiKeyRoutes = [create, list, update, rotate, revoke];

function answerOnce(created: CreatedApiKey) {
  return answer(201, toCreatedApiKeyResponse(created), { replayBody: toApiKeyResponse(created) });
}
