import { answer, defineRoute } from '../http/route.ts';
import { renameFields } from '../kernel/validation.ts';
import { archiveFunnel } from './archive-funnel.ts';
import { createFunnel } from './create-funnel.ts';
import {
  funnelIdParams,
  funnelParams,
  funnelQuery,
  funnelResponse,
  funnelUpdateParams,
  funnelWireNames,
  toFunnelChanges,
  toFunnelInput,
  toFunnelResponse,
} from './funnel-schema.ts';
import { funnelNotFound, getFunnel } from './get-funnel.ts';
import { listFunnels } from './list-funnels.ts';
import { updateFunnel } from './update-funnel.ts';

const create = defineRoute({
  method: 'post',
  path: '/funnels',
  operationId: 'createFunnel',
  tag: 'Funnels',
  summary: 'Store a funnel',
  scope: 'write',
  body: funnelParams,
  responses: { 201: { description: 'The funnel', schema: funnelResponse } },
  refusals: ['validation_failed', 'funnel_name_taken'],
  async handle(context, workspace, { body, options }) {
    const created = await createFunnel(context, workspace, toFunnelInput(body), options);
    return created.ok
      ? answer(201, toFunnelResponse(created.value))
      : renameFields(created, funnelWireNames);
  },
});

const list = defineRoute({
  method: 'get',
  path: '/funnels',
  operationId: 'listFunnels',
  tag: 'Funnels',
  summary: 'List funnels, newest first',
  scope: 'read',
  query: funnelQuery,
  responses: { 200: { description: 'The funnels', schema: funnelResponse.array(), paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const found = await listFunnels(context, workspace, query);
    return found.ok ? answer(200, found.value.funnels.map(toFunnelResponse), found.value) : found;
  },
});

const get = defineRoute({
  method: 'get',
  path: '/funnels/{id}',
  operationId: 'getFunnel',
  tag: 'Funnels',
  summary: 'Get a funnel, archived or not',
  scope: 'read',
  params: funnelIdParams,
  responses: { 200: { description: 'The funnel', schema: funnelResponse } },
  refusals: ['funnel_not_found'],
  async handle(context, workspace, { params }) {
    const funnel = await getFunnel(context, workspace, params.id);
    return funnel === undefined ? funnelNotFound() : answer(200, toFunnelResponse(funnel));
  },
});

const update = defineRoute({
  method: 'patch',
  path: '/funnels/{id}',
  operationId: 'updateFunnel',
  tag: 'Funnels',
  summary: 'Change a funnel',
  scope: 'write',
  params: funnelIdParams,
  body: funnelUpdateParams,
  responses: { 200: { description: 'The funnel', schema: funnelResponse } },
  refusals: ['validation_failed', 'funnel_not_found', 'funnel_archived', 'funnel_name_taken'],
  async handle(context, workspace, { params, body, options }) {
    const changes = toFunnelChanges(body);
    const changed = await updateFunnel(context, workspace, params.id, changes, options);
    return changed.ok
      ? answer(200, toFunnelResponse(changed.value))
      : renameFields(changed, funnelWireNames);
  },
});

const archive = defineRoute({
  method: 'delete',
  path: '/funnels/{id}',
  operationId: 'archiveFunnel',
  tag: 'Funnels',
  summary: 'Archive a funnel',
  description: 'Its name is free for another one. It can still be asked, and no longer changed.',
  scope: 'write',
  params: funnelIdParams,
  responses: { 204: { description: 'Archived' } },
  refusals: ['funnel_not_found'],
  async handle(context, workspace, { params, options }) {
    const archived = await archiveFunnel(context, workspace, params.id, options);
    return archived.ok ? answer(204) : archived;
  },
});

export const funnelRoutes = [create, list, get, update, archive];
