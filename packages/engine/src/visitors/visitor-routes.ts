import type { TrackEventOptions } from '../ingest/track-event.ts';
import { answer, defineRoute } from '../http/route.ts';
import { given } from '../kernel/given.ts';
import { refuse } from '../kernel/result.ts';
import { renameFields } from '../kernel/validation.ts';
import { findVisitorByExternalId, getVisitor } from './get-visitor.ts';
import { identifyVisitor, visitorNotFound } from './identify-visitor.ts';
import { listVisitors } from './list-visitors.ts';
import { mergeVisitors } from './merge-visitors.ts';
import { resolveVisitor } from './resolve-visitor.ts';
import { undoMerge } from './undo-merge.ts';
import { visitorAttribution } from './visitor-attribution.ts';
import { visitorEvidence } from './visitor-evidence.ts';
import {
  attributionQuery,
  attributionResponse,
  evidenceQuery,
  evidenceResponse,
  externalIdParams,
  identifiedResponse,
  identifyParams,
  mergeParams,
  resolveParams,
  timelineQuery,
  timelineResponse,
  toAttributionResponse,
  toEvidenceResponse,
  toIdentifiedResponse,
  toIdentifyInput,
  toResolveInput,
  toTimelineResponse,
  toVisitorResponse,
  undoneResponse,
  visitorIdParams,
  visitorQuery,
  visitorResponse,
  wireNames,
} from './visitor-schema.ts';
import { visitorTimeline } from './visitor-timeline.ts';

const fromApi: TrackEventOptions = { origin: 'api' };
const identifyRefusals = [
  'validation_failed',
  'too_old',
  'in_the_future',
  'visitor_not_found',
  'visitor_erased',
  'idempotency_conflict',
] as const;

const list = defineRoute({
  method: 'get',
  path: '/visitors',
  operationId: 'listVisitors',
  tag: 'Visitors',
  summary: 'List people, newest first',
  description: 'Visitors that were merged are part of their person.',
  scope: 'read',
  query: visitorQuery,
  responses: { 200: { description: 'The people', schema: visitorResponse.array(), paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const { seen_since: seenSince, ...rest } = query;
    const page = await listVisitors(context, workspace, { ...rest, seenSince });
    if (!page.ok) return page;
    const { visitors, nextCursor } = page.value;
    return answer(
      200,
      visitors.map((visitor) => toVisitorResponse(workspace, visitor)),
      { nextCursor },
    );
  },
});

const byExternalId = defineRoute({
  method: 'get',
  path: '/visitors/by-external-id/{external_id}',
  operationId: 'lookupVisitor',
  tag: 'Visitors',
  summary: "Find a person by the host application's own id",
  scope: 'read',
  params: externalIdParams,
  responses: { 200: { description: 'The person', schema: visitorResponse } },
  refusals: ['visitor_not_found'],
  async handle(context, workspace, { params }) {
    const visitor = await findVisitorByExternalId(context, workspace, params.external_id);
    return visitor === undefined
      ? visitorNotFound()
      : answer(200, toVisitorResponse(workspace, visitor));
  },
});

const resolve = defineRoute({
  method: 'post',
  path: '/visitors/resolve',
  operationId: 'resolveVisitor',
  tag: 'Visitors',
  summary: 'The visitor behind some signals',
  description:
    'Made where there is none; joined where the signals belong to several and the rules allow it.',
  scope: 'events:write',
  body: resolveParams,
  idempotency: 'event',
  responses: {
    200: { description: 'The visitor, and what identity did', schema: identifiedResponse },
  },
  refusals: identifyRefusals,
  async handle(context, workspace, { body, idempotencyKey }) {
    const resolved = await resolveVisitor(
      context,
      workspace,
      toResolveInput(body, idempotencyKey),
      fromApi,
    );
    return resolved.ok
      ? answer(200, toIdentifiedResponse(workspace, resolved.value))
      : renameFields(resolved, wireNames);
  },
});

const identify = defineRoute({
  method: 'post',
  path: '/visitors/identify',
  operationId: 'identifyVisitor',
  tag: 'Visitors',
  summary: 'Say who a visitor is',
  description:
    'Two people with different external ids are never joined; `identity` says what was done and why not.',
  scope: 'events:write',
  body: identifyParams,
  idempotency: 'event',
  responses: {
    200: { description: 'The visitor, and what identity did', schema: identifiedResponse },
  },
  refusals: identifyRefusals,
  async handle(context, workspace, { body, idempotencyKey }) {
    const identified = await identifyVisitor(
      context,
      workspace,
      toIdentifyInput(body, idempotencyKey),
      fromApi,
    );
    return identified.ok
      ? answer(200, toIdentifiedResponse(workspace, identified.value))
      : renameFields(identified, wireNames);
  },
});

const undo = defineRoute({
  method: 'post',
  path: '/visitors/merges/{id}/undo',
  operationId: 'undoMerge',
  tag: 'Visitors',
  summary: 'Take a merge back, exactly',
  description: 'The same evidence does not join the two again.',
  scope: 'write',
  params: visitorIdParams,
  idempotency: 'resumed',
  responses: { 200: { description: 'The two people', schema: undoneResponse } },
  refusals: ['merge_not_found', 'merge_already_undone', 'undo_later_merge_first'],
  async handle(context, workspace, { params, actor, askedAt }) {
    const undone = await undoMerge(context, workspace, params.id, given({ actor, askedAt }));
    if (!undone.ok) return undone;
    const { winner, loser } = undone.value;
    const show = (visitor: typeof winner) => visitor && toVisitorResponse(workspace, visitor);
    return answer(200, { winner: show(winner) ?? null, loser: show(loser) ?? null });
  },
});

const get = defineRoute({
  method: 'get',
  path: '/visitors/{id}',
  operationId: 'getVisitor',
  tag: 'Visitors',
  summary: 'Get a person by the id of any of their visitors',
  scope: 'read',
  params: visitorIdParams,
  responses: { 200: { description: 'The person', schema: visitorResponse } },
  refusals: ['visitor_not_found'],
  async handle(context, workspace, { params }) {
    const visitor = await getVisitor(context, workspace, params.id);
    return visitor === undefined
      ? visitorNotFound()
      : answer(200, toVisitorResponse(workspace, visitor));
  },
});

const timeline = defineRoute({
  method: 'get',
  path: '/visitors/{id}/timeline',
  operationId: 'getVisitorTimeline',
  tag: 'Visitors',
  summary: 'What a person did, newest first',
  scope: 'read',
  params: visitorIdParams,
  query: timelineQuery,
  responses: { 200: { description: 'The events', schema: timelineResponse.array(), paged: true } },
  refusals: ['visitor_not_found', 'invalid_query'],
  async handle(context, workspace, { params, query }) {
    const page = await visitorTimeline(context, workspace, params.id, query);
    if (!page.ok) return page;
    const { events, nextCursor } = page.value;
    return answer(200, events.map(toTimelineResponse), { nextCursor });
  },
});

const attribution = defineRoute({
  method: 'get',
  path: '/visitors/{id}/attribution',
  operationId: 'getVisitorAttribution',
  tag: 'Visitors',
  summary: 'The way that a person came',
  description:
    'A page holds the latest touches, oldest first; the next page has those before them.',
  scope: 'read',
  params: visitorIdParams,
  query: attributionQuery,
  responses: {
    200: {
      description: 'First and last source, and the path between',
      schema: attributionResponse,
      paged: true,
    },
  },
  refusals: ['visitor_not_found', 'invalid_query'],
  async handle(context, workspace, { params, query }) {
    const found = await visitorAttribution(context, workspace, params.id, query);
    if (!found.ok) return found;
    const { nextCursor } = found.value;
    return answer(200, toAttributionResponse(found.value), { nextCursor });
  },
});

const evidence = defineRoute({
  method: 'get',
  path: '/visitors/{id}/evidence',
  operationId: 'getVisitorEvidence',
  tag: 'Visitors',
  summary: 'Why these identifiers are one person',
  description:
    'A page holds the latest merges and refusals, oldest first; the next page has those before them.',
  scope: 'read',
  params: visitorIdParams,
  query: evidenceQuery,
  responses: {
    200: {
      description: 'Identifiers, merges and refused merges',
      schema: evidenceResponse,
      paged: true,
    },
  },
  refusals: ['visitor_not_found', 'invalid_query'],
  async handle(context, workspace, { params, query }) {
    const found = await visitorEvidence(context, workspace, params.id, query);
    if (!found.ok) return found;
    const { nextCursor } = found.value;
    return answer(200, toEvidenceResponse(found.value), { nextCursor });
  },
});

const merge = defineRoute({
  method: 'post',
  path: '/visitors/{id}/merge',
  operationId: 'mergeVisitors',
  tag: 'Visitors',
  summary: 'Join two people',
  description: 'The rules hold: people with different external ids are not joined.',
  scope: 'write',
  params: visitorIdParams,
  body: mergeParams,
  idempotency: 'event',
  responses: {
    200: { description: 'The person, and what identity did', schema: identifiedResponse },
  },
  refusals: [
    'validation_failed',
    'visitor_not_found',
    'visitor_erased',
    'merge_refused',
    'idempotency_conflict',
  ],
  async handle(context, workspace, { params, body, idempotencyKey, actor }) {
    const input = given({
      visitorId: params.id,
      otherVisitorId: body.other_visitor_id,
      idempotencyKey,
    });
    const merged = await mergeVisitors(context, workspace, input, given({ ...fromApi, actor }));
    if (!merged.ok) return renameFields(merged, wireNames);
    const { outcome, reason } = merged.value.identity;
    if (outcome === 'refused')
      return refuse('merge_refused', `The two were not joined: ${reason ?? 'the rules forbid it'}`);
    return answer(200, toIdentifiedResponse(workspace, merged.value));
  },
});

export const visitorRoutes = [
  list,
  byExternalId,
  resolve,
  identify,
  undo,
  get,
  timeline,
  attribution,
  evidence,
  merge,
];
