import { answer, defineRoute } from '../http/route.ts';
import { renameFields } from '../kernel/validation.ts';
import { createEndpoint } from './create-endpoint.ts';
import { getEndpoint, webhookNotFound } from './get-endpoint.ts';
import { getDelivery, listDeliveries } from './list-deliveries.ts';
import { listEndpoints } from './list-endpoints.ts';
import { deliveryNotFound, recoverDeliveries, redeliver, testEndpoint } from './redeliver.ts';
import { archiveEndpoint, rotateEndpointSecret, updateEndpoint } from './update-endpoint.ts';
import {
  deliveryQuery,
  deliveryResponse,
  recoverParams,
  recoverResponse,
  toDeliveryResponse,
  toEndpointChanges,
  toEndpointInput,
  toWebhookResponse,
  toWebhookWithSecretResponse,
  webhookIdParams,
  webhookParams,
  webhookQuery,
  webhookResponse,
  webhookUpdateParams,
  webhookWireNames,
  webhookWithSecretResponse,
} from './webhook-schema.ts';

const create = defineRoute({
  method: 'post',
  path: '/webhooks',
  operationId: 'createWebhook',
  tag: 'Webhooks',
  summary: 'Create a webhook',
  description:
    'It is told of what commits from now on. Messages are signed by the Standard Webhooks specification; ' +
    'docs/webhooks.md shows how a receiver checks them.',
  scope: 'admin',
  body: webhookParams,
  responses: { 201: { description: 'The webhook', schema: webhookWithSecretResponse } },
  refusals: ['validation_failed', 'too_many_webhooks'],
  async handle(context, workspace, { body, options }) {
    const created = await createEndpoint(context, workspace, toEndpointInput(body), options);
    if (!created.ok) return renameFields(created, webhookWireNames);
    return answer(201, toWebhookWithSecretResponse(created.value), {
      replayBody: toWebhookResponse(created.value),
    });
  },
});

const list = defineRoute({
  method: 'get',
  path: '/webhooks',
  operationId: 'listWebhooks',
  tag: 'Webhooks',
  summary: 'List webhooks, newest first',
  scope: 'read',
  query: webhookQuery,
  responses: { 200: { description: 'The webhooks', schema: webhookResponse.array(), paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const found = await listEndpoints(context, workspace, query);
    return found.ok ? answer(200, found.value.webhooks.map(toWebhookResponse), found.value) : found;
  },
});

const get = defineRoute({
  method: 'get',
  path: '/webhooks/{id}',
  operationId: 'getWebhook',
  tag: 'Webhooks',
  summary: 'Get a webhook, archived or not',
  scope: 'read',
  params: webhookIdParams,
  responses: { 200: { description: 'The webhook', schema: webhookResponse } },
  refusals: ['webhook_not_found'],
  async handle(context, workspace, { params }) {
    const endpoint = await getEndpoint(context, workspace, params.id);
    return endpoint === undefined ? webhookNotFound() : answer(200, toWebhookResponse(endpoint));
  },
});

const update = defineRoute({
  method: 'patch',
  path: '/webhooks/{id}',
  operationId: 'updateWebhook',
  tag: 'Webhooks',
  summary: 'Change a webhook, or enable it again',
  scope: 'admin',
  params: webhookIdParams,
  body: webhookUpdateParams,
  responses: { 200: { description: 'The webhook', schema: webhookResponse } },
  refusals: ['validation_failed', 'webhook_not_found', 'webhook_archived'],
  async handle(context, workspace, { params, body, options }) {
    const changes = toEndpointChanges(body);
    const changed = await updateEndpoint(context, workspace, params.id, changes, options);
    return changed.ok
      ? answer(200, toWebhookResponse(changed.value))
      : renameFields(changed, webhookWireNames);
  },
});

const archive = defineRoute({
  method: 'delete',
  path: '/webhooks/{id}',
  operationId: 'archiveWebhook',
  tag: 'Webhooks',
  summary: 'Archive a webhook',
  description:
    'Nothing is sent to it any more. Its deliveries can be read as long as they are kept.',
  scope: 'admin',
  params: webhookIdParams,
  responses: { 204: { description: 'Archived' } },
  refusals: ['webhook_not_found'],
  async handle(context, workspace, { params, options }) {
    const archived = await archiveEndpoint(context, workspace, params.id, options);
    return archived.ok ? answer(204) : archived;
  },
});

const rotate = defineRoute({
  method: 'post',
  path: '/webhooks/{id}/rotate-secret',
  operationId: 'rotateWebhookSecret',
  tag: 'Webhooks',
  summary: 'Give a webhook a new signing secret',
  description:
    'For a day messages carry the signatures of the old one and of the new one. Older ones end at once.',
  scope: 'admin',
  params: webhookIdParams,
  emptyBody: {},
  responses: { 200: { description: 'The webhook', schema: webhookWithSecretResponse } },
  refusals: ['webhook_not_found', 'webhook_archived'],
  async handle(context, workspace, { params, options }) {
    const rotated = await rotateEndpointSecret(context, workspace, params.id, options);
    if (!rotated.ok) return rotated;
    return answer(200, toWebhookWithSecretResponse(rotated.value), {
      replayBody: toWebhookResponse(rotated.value),
    });
  },
});

const test = defineRoute({
  method: 'post',
  path: '/webhooks/{id}/test',
  operationId: 'testWebhook',
  tag: 'Webhooks',
  summary: 'Send a test message and see what becomes of it',
  scope: 'admin',
  params: webhookIdParams,
  emptyBody: {},
  idempotency: 'resumed',
  responses: { 200: { description: 'The delivery', schema: deliveryResponse } },
  refusals: ['webhook_not_found'],
  async handle(context, workspace, { params }) {
    const tested = await testEndpoint(context, workspace, params.id);
    return tested.ok ? answer(200, toDeliveryResponse(tested.value)) : tested;
  },
});

const deliveries = defineRoute({
  method: 'get',
  path: '/webhooks/{id}/deliveries',
  operationId: 'listWebhookDeliveries',
  tag: 'Webhooks',
  summary: 'List what was sent to a webhook in the last 30 days, and what waits',
  scope: 'read',
  params: webhookIdParams,
  query: deliveryQuery,
  responses: {
    200: { description: 'The deliveries', schema: deliveryResponse.array(), paged: true },
  },
  refusals: ['invalid_query', 'webhook_not_found'],
  async handle(context, workspace, { params, query }) {
    const found = await listDeliveries(context, workspace, params.id, query);
    return found.ok
      ? answer(200, found.value.deliveries.map(toDeliveryResponse), found.value)
      : found;
  },
});

const recover = defineRoute({
  method: 'post',
  path: '/webhooks/{id}/recover',
  operationId: 'recoverWebhook',
  tag: 'Webhooks',
  summary: 'Send everything again that failed since a time',
  scope: 'admin',
  params: webhookIdParams,
  body: recoverParams,
  responses: { 200: { description: 'How much waits anew', schema: recoverResponse } },
  refusals: ['validation_failed', 'webhook_not_found', 'webhook_archived'],
  async handle(context, workspace, { params, body, options }) {
    const recovered = await recoverDeliveries(context, workspace, params.id, body, options);
    return recovered.ok ? answer(200, recovered.value) : recovered;
  },
});

const getOne = defineRoute({
  method: 'get',
  path: '/webhook-deliveries/{id}',
  operationId: 'getWebhookDelivery',
  tag: 'Webhooks',
  summary: 'Get a delivery with its attempts',
  scope: 'read',
  params: webhookIdParams,
  responses: { 200: { description: 'The delivery', schema: deliveryResponse } },
  refusals: ['delivery_not_found'],
  async handle(context, workspace, { params }) {
    const delivery = await getDelivery(context, workspace, params.id);
    return delivery === undefined ? deliveryNotFound() : answer(200, toDeliveryResponse(delivery));
  },
});

const again = defineRoute({
  method: 'post',
  path: '/webhook-deliveries/{id}/redeliver',
  operationId: 'redeliverWebhook',
  tag: 'Webhooks',
  summary: 'Send a delivery once more, under the same id',
  scope: 'admin',
  params: webhookIdParams,
  emptyBody: {},
  idempotency: 'resumed',
  responses: { 200: { description: 'The delivery', schema: deliveryResponse } },
  refusals: ['delivery_not_found', 'webhook_archived'],
  async handle(context, workspace, { params }) {
    const sent = await redeliver(context, workspace, params.id);
    return sent.ok ? answer(200, toDeliveryResponse(sent.value)) : sent;
  },
});

export const webhookRoutes = [
  create,
  list,
  get,
  update,
  archive,
  rotate,
  test,
  deliveries,
  recover,
  getOne,
  again,
];
