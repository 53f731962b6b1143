import { answer, defineRoute } from '../http/route.ts';
import { renameFields } from '../kernel/validation.ts';
import {
  eventListQuery,
  eventListWireNames,
  listedEventResponse,
  toListedEvent,
  toListEventsInput,
} from './event-list-schema.ts';
import { listEvents } from './list-events.ts';

const list = defineRoute({
  method: 'get',
  path: '/events',
  operationId: 'listEvents',
  tag: 'Events',
  summary: 'Events, newest first, with those of machines',
  description:
    'Found by `event_type`, `event_name`, `page`, `source`, `campaign` and `click_id` (its parameter, as `gclid`). The source is that of the visit.',
  scope: 'read',
  query: eventListQuery,
  responses: {
    200: { description: 'The events', schema: listedEventResponse.array(), paged: true },
  },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const found = await listEvents(context, workspace, toListEventsInput(query));
    if (!found.ok) return renameFields(found, eventListWireNames);
    const { events, nextCursor } = found.value;
    return answer(200, events.map(toListedEvent), { nextCursor });
  },
});

export const eventListRoutes = [list];
