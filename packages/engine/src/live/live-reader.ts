import { messagesOf, topicOf } from './live-message.ts';
import type { LiveEvent, LiveMessage, LiveTopic } from './live-message.ts';
import { formatLivePosition } from './live-position.ts';
import type { LiveMark, LivePosition } from './live-position.ts';
import type { LiveRange } from './live-store.ts';

/** Tells the messages of one workspace, each once, in an order that is the same for every reader. */
export interface LiveReader {
  /** `reset`: the position to go on from is not of this database, so it begins now. */
  readonly start: 'now' | 'resumed' | 'reset';
  /** What to go on from later, here or in another process: after the message that was given last. */
  position(): string;
  /** The next message, when there is one; `undefined` when the reader is closed. One call at a time. */
  next(): Promise<LiveMessage | undefined>;
  close(): void;
}

/** What readers need of the feed that they share. */
export interface LiveSource {
  /** A snapshot that is not this one, as soon as there is one; `undefined` when something else wants attention. */
  newer(snapshot: string): Promise<string | undefined>;
  read(range: LiveRange): Promise<readonly LiveEvent[]>;
  leave(reader: LiveReader): void;
  /** Lets everybody who waits in `newer` look again. */
  rouse(): void;
  complain(error: unknown): void;
  pause(): Promise<void>;
}

const pageSize = 500;

/** One reading: from what was seen before up to a newer snapshot, page by page. */
interface Reading {
  readonly until: string;
  last: LiveMark | undefined;
  page: readonly LiveEvent[];
  /** Where in the page the next message is. */
  index: number;
  part: number;
  isLastPage: boolean;
}

export function createLiveReader(
  source: LiveSource,
  request: {
    readonly workspaceId: string;
    readonly topics: ReadonlySet<LiveTopic>;
    readonly position: LivePosition;
    readonly start: LiveReader['start'];
  },
): LiveReader {
  const { workspaceId, topics, position, start } = request;
  let { seen } = position;
  let reading: Reading | undefined =
    position.reading === undefined
      ? undefined
      : begin(position.reading.until, position.reading.last);
  let isClosed = false;

  /** The next message of the page at hand. */
  function take(current: Reading): LiveMessage | undefined {
    for (; current.index < current.page.length; current.index += 1, current.part = 0) {
      const entry = current.page[current.index]!;
      const messages = messagesOf(entry);
      while (current.part < messages.length) {
        const { part } = current;
        const message = messages[part];
        current.part += 1;
        const mark = { transactionId: entry.transactionId, eventId: entry.event.id, part };
        if (message === undefined || (current.last !== undefined && !isAfter(mark, current.last)))
          continue;
        current.last = mark;
        if (topics.has(topicOf(message))) return message;
      }
    }
    return undefined;
  }

  async function advance(): Promise<void> {
    if (reading === undefined) {
      const until = await source.newer(seen);
      if (until !== undefined && !isClosed) reading = begin(until, undefined);
      return;
    }
    if (reading.isLastPage) {
      seen = reading.until;
      reading = undefined;
      return;
    }
    const { until, last } = reading;
    const page = await source.read({ workspaceId, seen, until, from: last, limit: pageSize });
    reading = { until, last, page, index: 0, part: 0, isLastPage: page.length < pageSize };
  }

  const reader: LiveReader = {
    start,
    position: () =>
      formatLivePosition(
        reading?.last === undefined
          ? { seen }
          : { seen, reading: { until: reading.until, last: reading.last } },
      ),
    async next() {
      for (;;) {
        if (isClosed) return undefined;
        const message = reading === undefined ? undefined : take(reading);
        if (message !== undefined) return message;
        try {
          await advance();
        } catch (error) {
          if (isClosed) return undefined;
          source.complain(error);
          await source.pause();
        }
      }
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      source.leave(reader);
      source.rouse();
    },
  };
  return reader;
}

function begin(until: string, last: LiveMark | undefined): Reading {
  return { until, last, page: [], index: 0, part: 0, isLastPage: false };
}

function isAfter(mark: LiveMark, last: LiveMark): boolean {
  if (mark.transactionId !== last.transactionId)
    return BigInt(mark.transactionId) > BigInt(last.transactionId);
  if (mark.eventId !== last.eventId) return mark.eventId > last.eventId;
  return mark.part > last.part;
}
