import { answer, defineRoute } from '../http/route.ts';
import { listPaymentMessages } from './list-payment-messages.ts';
import {
  paymentMessageQuery,
  paymentMessageResponse,
  paymentSecretParams,
  paymentSourceIdParams,
  paymentSourceParams,
  paymentSourceResponse,
  toPaymentMessageResponse,
  toPaymentSourceResponse,
} from './payment-schema.ts';
import {
  addPaymentSecret,
  archivePaymentSource,
  createPaymentSource,
  listPaymentSources,
} from './payment-sources.ts';

const create = defineRoute({
  method: 'post',
  path: '/payment-sources',
  operationId: 'createPaymentSource',
  tag: 'Payments',
  summary: 'Make an address at which messages of a payment provider arrive',
  scope: 'admin',
  body: paymentSourceParams,
  responses: { 201: { description: 'The payment source', schema: paymentSourceResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { body, options }) {
    const { payer_reference: payerReference, ...rest } = body;
    const input = { ...rest, payerReference };
    const created = await createPaymentSource(context, workspace, input, options);
    return created.ok ? answer(201, toPaymentSourceResponse(created.value)) : created;
  },
});

const list = defineRoute({
  method: 'get',
  path: '/payment-sources',
  operationId: 'listPaymentSources',
  tag: 'Payments',
  summary: 'List the payment sources, newest first',
  scope: 'read',
  responses: {
    200: { description: 'The payment sources', schema: paymentSourceResponse.array() },
  },
  async handle(context, workspace) {
    const sources = await listPaymentSources(context, workspace);
    return answer(200, sources.map(toPaymentSourceResponse));
  },
});

const addSecret = defineRoute({
  method: 'post',
  path: '/payment-sources/{id}/secrets',
  operationId: 'addPaymentSecret',
  tag: 'Payments',
  summary: 'Take a new signing secret; the one before is taken for a day more',
  scope: 'admin',
  params: paymentSourceIdParams,
  body: paymentSecretParams,
  responses: { 200: { description: 'The payment source', schema: paymentSourceResponse } },
  refusals: ['validation_failed', 'payment_source_not_found'],
  async handle(context, workspace, { params, body, options }) {
    const added = await addPaymentSecret(context, workspace, params.id, body, options);
    return added.ok ? answer(200, toPaymentSourceResponse(added.value)) : added;
  },
});

const archive = defineRoute({
  method: 'delete',
  path: '/payment-sources/{id}',
  operationId: 'archivePaymentSource',
  tag: 'Payments',
  summary: 'Archive a payment source: nothing that arrives there counts any more',
  scope: 'admin',
  params: paymentSourceIdParams,
  responses: { 204: { description: 'Archived' } },
  refusals: ['payment_source_not_found'],
  async handle(context, workspace, { params, options }) {
    const archived = await archivePaymentSource(context, workspace, params.id, options);
    return archived.ok ? answer(204) : archived;
  },
});

const messages = defineRoute({
  method: 'get',
  path: '/payment-sources/{id}/messages',
  operationId: 'listPaymentMessages',
  tag: 'Payments',
  summary: 'List what has arrived and what became of it, newest first',
  scope: 'read',
  params: paymentSourceIdParams,
  query: paymentMessageQuery,
  responses: {
    200: { description: 'The messages', schema: paymentMessageResponse.array(), paged: true },
  },
  refusals: ['invalid_query', 'payment_source_not_found'],
  async handle(context, workspace, { params, query }) {
    const found = await listPaymentMessages(context, workspace, params.id, query);
    return found.ok
      ? answer(200, found.value.messages.map(toPaymentMessageResponse), found.value)
      : found;
  },
});

export const paymentRoutes = [create, list, addSecret, archive, messages];
