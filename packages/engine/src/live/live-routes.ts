import { answer, defineRoute } from '../http/route.ts';
import { toMilliseconds } from '../kernel/clock.ts';
import {
  liveHeaders,
  liveMessageResponse,
  liveQuery,
  toLiveMessageResponse,
} from './live-schema.ts';
import { liveStream } from './live-stream.ts';
import { openStream } from './open-stream.ts';

const stream = defineRoute({
  method: 'get',
  path: '/live',
  operationId: 'streamLive',
  tag: 'Live',
  summary: 'Clicks and recorded events as they happen, as server-sent events',
  description:
    'The messages of the workspace, whichever process records the events. The `event` of a message is its `type`, its ' +
    '`data` the JSON of the schema below. Comments keep the connection alive. `closed` says ' +
    'why a stream ends (`reconnect`, `too_slow`, `closing`); with the last `id` as `Last-Event-ID` the next one goes on ' +
    'exactly there. `reset` says that the id is not of this database, so that messages begin now. Only so many streams are ' +
    'open at once: 429 is for the workspace, 503 for the process, both with `Retry-After`.',
  scope: 'read',
  query: liveQuery,
  headers: liveHeaders,
  responses: {
    200: {
      description: 'Messages until somebody ends it',
      contents: {
        'text/event-stream': liveMessageResponse,
      },
    },
  },
  refusals: ['validation_failed', 'rate_limited'],
  async handle(context, workspace, { query, headers }) {
    const opened = await openStream(context, workspace, {
      topics: query.topics,
      after: headers['last-event-id'],
    });
    if (!opened.ok) return opened;
    const content = liveStream(opened.value, {
      heartbeatMilliseconds: toMilliseconds(
        context.options.live?.heartbeatEvery ?? { seconds: 15 },
      ),
      describe: toLiveMessageResponse,
    });
    return answer(200, undefined, {
      content,
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        // nginx would collect messages into pages of its own.
        'x-accel-buffering': 'no',
      },
    });
  },
});

export const liveRoutes = [stream];
