import type { LiveMessage } from './live-message.ts';
import type { LiveReader } from './live-reader.ts';

export interface LiveStreamOptions {
  readonly heartbeatMilliseconds: number;
  readonly describe: (message: LiveMessage) => unknown;
}

/** Streams end by themselves, so that who was allowed to listen is asked again; the reader goes on where it was. */
const heartbeatsMax = 40;
const reconnectMilliseconds = 1_000;
/** Messages that wait for a slow reader; the rest stay in the database. */
const chunksMax = 16;

/**
 * A reader as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). Each block carries
 * the id to go on from, also those without a message. Who takes nothing for two heartbeats is told why and let go.
 */
export function liveStream(
  reader: LiveReader,
  { heartbeatMilliseconds, describe }: LiveStreamOptions,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let heartbeat: NodeJS.Timeout | undefined;
  let beats = 0;
  let stuck = 0;
  let isOver = false;

  function send(controller: ReadableStreamDefaultController<Uint8Array>, text: string): void {
    if (!isOver) controller.enqueue(encoder.encode(text));
  }

  function end(controller: ReadableStreamDefaultController<Uint8Array>, reason: string): void {
    if (isOver) return;
    send(controller, `event: closed\ndata: ${JSON.stringify({ reason })}\n\n`);
    isOver = true;
    clearInterval(heartbeat);
    reader.close();
    controller.close();
  }

  function beat(controller: ReadableStreamDefaultController<Uint8Array>): void {
    beats += 1;
    stuck = (controller.desiredSize ?? 0) > 0 ? 0 : stuck + 1;
    if (stuck >= 2) end(controller, 'too_slow');
    else if (beats >= heartbeatsMax) end(controller, 'reconnect');
    else if (stuck === 0) send(controller, ': alive\n\n');
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const reset =
          reader.start === 'reset'
            ? `event: reset\ndata: ${JSON.stringify({ reason: 'unknown_position' })}\n\n`
            : '';
        send(controller, `retry: ${reconnectMilliseconds}\nid: ${reader.position()}\n\n${reset}`);
        heartbeat = setInterval(() => beat(controller), heartbeatMilliseconds);
        heartbeat.unref();
      },
      async pull(controller) {
        const message = await reader.next();
        if (message === undefined) {
          end(controller, 'closing');
          return;
        }
        send(
          controller,
          `id: ${reader.position()}\nevent: ${message.type}\ndata: ${JSON.stringify(describe(message))}\n\n`,
        );
      },
      cancel() {
        isOver = true;
        clearInterval(heartbeat);
        reader.close();
      },
    },
    { highWaterMark: chunksMax },
  );
}
