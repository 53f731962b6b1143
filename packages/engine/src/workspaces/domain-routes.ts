import { answer, defineRoute } from '../http/route.ts';
import { claimDomain } from './claim-domain.ts';
import {
  domainParams,
  domainQuery,
  domainResponse,
  domainUpdateParams,
  hostParams,
  toDomainResponse,
} from './domain-schema.ts';
import { listDomains } from './list-domains.ts';
import { removeDomain } from './remove-domain.ts';
import { updateDomain } from './update-domain.ts';
import { verifyDomain } from './verify-domain.ts';

const claim = defineRoute({
  method: 'post',
  path: '/domains',
  operationId: 'claimDomain',
  tag: 'Domains',
  summary: 'Claim a host for links',
  description:
    'Several workspaces may claim a host; it is served for the one that proves it first.',
  scope: 'admin',
  body: domainParams,
  responses: {
    201: { description: 'The claim, also where it was there before', schema: domainResponse },
  },
  refusals: ['domain_taken', 'validation_failed'],
  async handle(context, workspace, { body, options }) {
    const claimed = await claimDomain(context, workspace, body, options);
    return claimed.ok ? answer(201, toDomainResponse(claimed.value)) : claimed;
  },
});

const verify = defineRoute({
  method: 'post',
  path: '/domains/{host}/verify',
  operationId: 'verifyDomain',
  tag: 'Domains',
  summary: 'Prove a claimed host by its DNS',
  description:
    'Looks for the TXT record of the claim; from then on the links of the host are served. Nothing happens to a host that is proven already; one that the server is configured with needs no record.',
  scope: 'admin',
  params: hostParams,
  idempotency: 'resumed',
  responses: { 200: { description: 'The host is proven', schema: domainResponse } },
  refusals: ['domain_not_found', 'domain_not_proven', 'domain_taken'],
  async handle(context, workspace, { params }) {
    const verified = await verifyDomain(context, workspace, params);
    return verified.ok ? answer(200, toDomainResponse(verified.value)) : verified;
  },
});

const list = defineRoute({
  method: 'get',
  path: '/domains',
  operationId: 'listDomains',
  tag: 'Domains',
  summary: 'List the claimed hosts',
  scope: 'read',
  query: domainQuery,
  responses: { 200: { description: 'The hosts', schema: domainResponse.array(), paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const page = await listDomains(context, workspace, query);
    if (!page.ok) return page;
    const { domains, nextCursor } = page.value;
    return answer(200, domains.map(toDomainResponse), { nextCursor });
  },
});

const update = defineRoute({
  method: 'patch',
  path: '/domains/{host}',
  operationId: 'updateDomain',
  tag: 'Domains',
  summary: 'Change how a host reads keys',
  description:
    'Holds for the links that are there too, and is refused where two of them would become one.',
  scope: 'admin',
  params: hostParams,
  body: domainUpdateParams,
  responses: { 200: { description: 'The host', schema: domainResponse } },
  refusals: ['domain_not_found', 'keys_differ_in_case'],
  async handle(context, workspace, { params, body, options }) {
    const input = { host: params.host, caseSensitive: body.case_sensitive };
    const updated = await updateDomain(context, workspace, input, options);
    return updated.ok ? answer(200, toDomainResponse(updated.value)) : updated;
  },
});

const remove = defineRoute({
  method: 'delete',
  path: '/domains/{host}',
  operationId: 'removeDomain',
  tag: 'Domains',
  summary: 'Give a host up',
  description: 'Its links stay, and are served again when the host is proven again.',
  scope: 'admin',
  params: hostParams,
  responses: { 204: { description: 'Removed' } },
  refusals: ['domain_not_found'],
  async handle(context, workspace, { params, options }) {
    const removed = await removeDomain(context, workspace, params, options);
    return removed.ok ? answer(204) : removed;
  },
});

export const domainRoutes = [claim, verify, list, update, remove];
