import { answer, defineRoute } from '../http/route.ts';
import {
  eventListQuery,
  listedEventResponse,
  toListEventsInput,
  toListedEventResponse,
} from './event-list-schema.ts';
import { listEvents } from './list-events.ts';

const list = defineRoute({
  method: 'get',
  path: '/events',
  operationId: 'listEvents',
  tag: 'Events',
  summary: 'List events, newest first',
  description:
    "Those of the last seven days unless another window is asked for, machines' too; what is asked for holds together.",
  scope: 'read',
  query: eventListQuery,
  responses: {
    200: { description: 'The events', schema: listedEventResponse.array(), paged: true },
  },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const page = await listEvents(context, workspace, toListEventsInput(query));
    if (!page.ok) return page;
    const { events, nextCursor } = page.value;
    return answer(200, events.map(toListedEventResponse), { nextCursor });
  },
});

export const eventListRoutes = [list];
