import { answer, defineRoute } from '../http/route.ts';
import { getSession } from './get-session.ts';
import { listSessions } from './list-sessions.ts';
import {
  sessionParams,
  sessionQuery,
  sessionResponse,
  sessionWithEventsResponse,
  toSessionResponse,
  toSessionWithEventsResponse,
} from './session-schema.ts';

const listOfVisitor = defineRoute({
  method: 'get',
  path: '/visitors/{id}/sessions',
  operationId: 'listVisitorSessions',
  tag: 'Sessions',
  summary: 'The visits of a person, newest first',
  scope: 'read',
  params: sessionParams,
  query: sessionQuery,
  responses: { 200: { description: 'The visits', schema: sessionResponse.array(), paged: true } },
  refusals: ['visitor_not_found', 'invalid_query'],
  async handle(context, workspace, { params, query }) {
    const page = await listSessions(context, workspace, params.id, query);
    if (!page.ok) return page;
    const { sessions, nextCursor } = page.value;
    return answer(200, sessions.map(toSessionResponse), { nextCursor });
  },
});

const get = defineRoute({
  method: 'get',
  path: '/sessions/{id}',
  operationId: 'getSession',
  tag: 'Sessions',
  summary: 'One visit with what happened in it',
  description: 'The events are newest first; the pages are those of the events.',
  scope: 'read',
  params: sessionParams,
  query: sessionQuery,
  responses: {
    200: { description: 'The visit', schema: sessionWithEventsResponse, paged: true },
  },
  refusals: ['session_not_found', 'invalid_query'],
  async handle(context, workspace, { params, query }) {
    const found = await getSession(context, workspace, params.id, query);
    if (!found.ok) return found;
    const { nextCursor } = found.value;
    return answer(200, toSessionWithEventsResponse(found.value), { nextCursor });
  },
});

export const sessionRoutes = [listOfVisitor, get];
