import { answer, defineRoute } from '../http/route.ts';
import { duplicateLink } from './duplicate-link.ts';
import {
  duplicateParams,
  linkHealthResponse,
  linkVersionParams,
  linkVersionQuery,
  linkVersionResponse,
  toDuplicateChanges,
  toLinkHealthResponse,
  toLinkVersionResponse,
} from './link-history-schema.ts';
import { getLinkHealth } from './get-link-health.ts';
import { linkHistory, rollBackLink } from './link-history.ts';
import { linkIdParams, linkPartParams, linkResponse } from './link-schema.ts';
import { presentLink } from './present-links.ts';

const history = defineRoute({
  method: 'get',
  path: '/links/{link_id}/versions',
  operationId: 'listLinkVersions',
  tag: 'Links',
  summary: 'What was done to a link, by whom and when, newest first',
  scope: 'read',
  params: linkPartParams,
  query: linkVersionQuery,
  responses: {
    200: { description: 'The versions', schema: linkVersionResponse.array(), paged: true },
  },
  refusals: ['invalid_query', 'link_not_found'],
  async handle(context, workspace, { params, query }) {
    const found = await linkHistory(context, workspace, params.link_id, query);
    if (!found.ok) return found;
    return answer(200, found.value.versions.map(toLinkVersionResponse), found.value);
  },
});

const rollBack = defineRoute({
  method: 'post',
  path: '/links/{link_id}/versions/{version_id}/restore',
  operationId: 'rollBackLink',
  tag: 'Links',
  summary: 'Give a link the settings back that it had in a version',
  description:
    'An update like any other, with a version of its own. Domain, key and password stay as they are.',
  scope: 'write',
  params: linkVersionParams,
  responses: { 200: { description: 'The link', schema: linkResponse } },
  refusals: [
    'link_not_found',
    'link_version_not_found',
    'link_archived',
    'invalid_link',
    'external_id_taken',
  ],
  async handle(context, workspace, { params, options }) {
    const target = { linkId: params.link_id, versionId: params.version_id };
    const rolled = await rollBackLink(context, workspace, target, options);
    return rolled.ok ? answer(200, await presentLink(context, workspace, rolled.value)) : rolled;
  },
});

const duplicate = defineRoute({
  method: 'post',
  path: '/links/{id}/duplicate',
  operationId: 'duplicateLink',
  tag: 'Links',
  summary: 'Make another link with the settings of this one',
  description: 'The external id is not copied, nor is a password.',
  scope: 'write',
  params: linkIdParams,
  body: duplicateParams,
  emptyBody: {},
  responses: { 201: { description: 'The new link', schema: linkResponse } },
  refusals: ['link_not_found', 'invalid_link', 'link_key_taken', 'external_id_taken'],
  async handle(context, workspace, { params, body, options }) {
    const changes = toDuplicateChanges(body);
    const made = await duplicateLink(context, workspace, params.id, changes, options);
    return made.ok ? answer(201, await presentLink(context, workspace, made.value)) : made;
  },
});

const health = defineRoute({
  method: 'get',
  path: '/links/{link_id}/health',
  operationId: 'getLinkHealth',
  tag: 'Links',
  summary: 'What the checks of the destination of a link found',
  scope: 'read',
  params: linkPartParams,
  responses: { 200: { description: 'The health', schema: linkHealthResponse } },
  refusals: ['link_not_found'],
  async handle(context, workspace, { params }) {
    const found = await getLinkHealth(context, workspace, params.link_id);
    return found.ok ? answer(200, toLinkHealthResponse(found.value)) : found;
  },
});

export const linkHistoryRoutes = [health, history, rollBack, duplicate];
