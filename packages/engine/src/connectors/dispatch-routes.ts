import { answer, defineRoute } from '../http/route.ts';
import { renameFields } from '../kernel/validation.ts';
import {
  dispatchIdParams,
  dispatchQuery,
  dispatchResponse,
  dispatchSummaryQuery,
  dispatchSummaryResponse,
  dispatchWireNames,
  previewResponse,
  reconcileParams,
  reconcileResponse,
  replayParams,
  replayResponse,
  toDispatchResponse,
  toFilterInput,
  toPreviewResponse,
  toReconcileResponse,
  toReplayInput,
  toReplayResponse,
  toSummaryResponse,
} from './dispatch-schema.ts';
import {
  dispatchNotFound,
  getDispatch,
  listDispatches,
  summariseDispatches,
} from './list-dispatches.ts';
import { previewDispatch } from './preview-dispatch.ts';
import { reconcileDispatches } from './reconcile-dispatches.ts';
import { replayDispatches } from './replay-dispatches.ts';

const list = defineRoute({
  method: 'get',
  path: '/dispatches',
  operationId: 'listDispatches',
  tag: 'Connectors',
  summary: 'Conversions on their way to ad platforms, newest first',
  scope: 'read',
  query: dispatchQuery,
  responses: {
    200: { description: 'The dispatches', schema: dispatchResponse.array(), paged: true },
  },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const { limit, offset, cursor, visitor_id: visitorId } = query;
    const found = await listDispatches(context, workspace, {
      ...toFilterInput(query),
      visitorId,
      limit,
      offset,
      cursor,
    });
    return found.ok
      ? answer(200, found.value.dispatches.map(toDispatchResponse), found.value)
      : renameFields(found, dispatchWireNames);
  },
});

const summary = defineRoute({
  method: 'get',
  path: '/dispatches/summary',
  operationId: 'summariseDispatches',
  tag: 'Connectors',
  summary: 'How many there are, by connector, status and reason',
  scope: 'read',
  query: dispatchSummaryQuery,
  responses: { 200: { description: 'The counts', schema: dispatchSummaryResponse } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const counted = await summariseDispatches(context, workspace, toFilterInput(query));
    return counted.ok
      ? answer(200, toSummaryResponse(counted.value))
      : renameFields(counted, dispatchWireNames);
  },
});

const replay = defineRoute({
  method: 'post',
  path: '/dispatches/replay',
  operationId: 'replayDispatches',
  tag: 'Connectors',
  summary: 'Have conversions sent again, under the same event ids',
  description: 'A platform that has counted one does not count it again. `preview` sends nothing.',
  scope: 'write',
  body: replayParams,
  responses: { 200: { description: 'What is due again', schema: replayResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { body, options }) {
    const replayed = await replayDispatches(context, workspace, toReplayInput(body), options);
    return replayed.ok
      ? answer(200, toReplayResponse(replayed.value))
      : renameFields(replayed, dispatchWireNames);
  },
});

const reconcile = defineRoute({
  method: 'post',
  path: '/dispatches/reconcile',
  operationId: 'reconcileDispatches',
  tag: 'Connectors',
  summary: 'Plan conversions that were never planned',
  scope: 'write',
  body: reconcileParams,
  emptyBody: {},
  // Planned once, whoever asks again.
  idempotency: 'resumed',
  responses: { 200: { description: 'What was found', schema: reconcileResponse } },
  async handle(context, workspace, { body }) {
    return answer(200, toReconcileResponse(await reconcileDispatches(context, workspace, body)));
  },
});

const get = defineRoute({
  method: 'get',
  path: '/dispatches/{id}',
  operationId: 'getDispatch',
  tag: 'Connectors',
  summary: 'One dispatch with its attempts',
  scope: 'read',
  params: dispatchIdParams,
  responses: { 200: { description: 'The dispatch', schema: dispatchResponse } },
  refusals: ['dispatch_not_found'],
  async handle(context, workspace, { params }) {
    const dispatch = await getDispatch(context, workspace, params.id);
    return dispatch === undefined ? dispatchNotFound() : answer(200, toDispatchResponse(dispatch));
  },
});

const preview = defineRoute({
  method: 'get',
  path: '/dispatches/{id}/preview',
  operationId: 'previewDispatch',
  tag: 'Connectors',
  summary: 'What would be sent now; nothing is',
  scope: 'read',
  params: dispatchIdParams,
  responses: { 200: { description: 'The preview', schema: previewResponse } },
  refusals: ['dispatch_not_found', 'connector_not_found'],
  async handle(context, workspace, { params }) {
    const shown = await previewDispatch(context, workspace, params.id);
    return shown.ok ? answer(200, toPreviewResponse(shown.value)) : shown;
  },
});

export const dispatchRoutes = [list, summary, replay, reconcile, get, preview];
