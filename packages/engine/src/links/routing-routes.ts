import { answer, defineRoute } from '../http/route.ts';
import { refuse } from '../kernel/result.ts';
import { normaliseHost } from '../workspaces/domain.ts';
import { hostParams } from '../workspaces/domain-schema.ts';
import { linkVariants } from './link-variants.ts';
import { linkIdParams } from './link-schema.ts';
import { getLinkDomain, setLinkDomain } from './set-link-domain.ts';
import {
  linkDomainParams,
  linkDomainResponse,
  simulatedResponse,
  simulateParams,
  toLinkDomainResponse,
  toLinkDomainSettings,
  toSimulatedResponse,
  toSimulateInput,
  toVariantsResponse,
  variantsResponse,
} from './routing-schema.ts';
import { simulateLink } from './simulate-link.ts';

const simulate = defineRoute({
  method: 'post',
  path: '/links/{id}/simulate',
  operationId: 'simulateLink',
  tag: 'Links',
  summary: 'Say where a request to a link would go, and why',
  description: 'By the code that the redirect uses. Nothing is counted.',
  scope: 'read',
  params: linkIdParams,
  body: simulateParams,
  emptyBody: {},
  responses: { 200: { description: 'Where it goes', schema: simulatedResponse } },
  refusals: ['link_not_found', 'validation_failed'],
  async handle(context, workspace, { params, body }) {
    const route = await simulateLink(context, workspace, params.id, toSimulateInput(body));
    return route.ok ? answer(200, toSimulatedResponse(route.value)) : route;
  },
});

const variants = defineRoute({
  method: 'get',
  path: '/links/{id}/variants',
  operationId: 'getLinkVariants',
  tag: 'Links',
  summary: 'What became of those whom a link has sent to its variants',
  scope: 'read',
  params: linkIdParams,
  responses: { 200: { description: 'By variant, and which one wins', schema: variantsResponse } },
  refusals: ['link_not_found'],
  async handle(context, workspace, { params }) {
    const report = await linkVariants(context, workspace, params.id);
    return report.ok ? answer(200, toVariantsResponse(report.value)) : report;
  },
});

const getDomain = defineRoute({
  method: 'get',
  path: '/link-domains/{host}',
  operationId: 'getLinkDomain',
  tag: 'Domains',
  summary: 'What a host answers beside its links',
  scope: 'read',
  params: hostParams,
  responses: { 200: { description: 'Its pages and apps', schema: linkDomainResponse } },
  async handle(context, workspace, { params }) {
    if (normaliseHost(params.host) === undefined) return refuse('not_found', 'It is no host name.');
    return answer(200, toLinkDomainResponse(await getLinkDomain(context, workspace, params)));
  },
});

const putDomain = defineRoute({
  method: 'put',
  path: '/link-domains/{host}',
  operationId: 'setLinkDomain',
  tag: 'Domains',
  summary: 'Set the pages and apps of a host',
  description:
    'All of them at once. They take effect where the workspace serves the host: its claim is proven, or the server is configured with it.',
  scope: 'admin',
  params: hostParams,
  body: linkDomainParams,
  responses: { 200: { description: 'Its pages and apps', schema: linkDomainResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { params, body, options }) {
    const input = { host: params.host, settings: toLinkDomainSettings(body) };
    const set = await setLinkDomain(context, workspace, input, options);
    return set.ok ? answer(200, toLinkDomainResponse(set.value)) : set;
  },
});

export const routingRoutes = [simulate, variants, getDomain, putDomain];
