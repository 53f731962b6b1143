import { LRUCache } from 'lru-cache';

import type { Context } from '../context.ts';
import { toMilliseconds } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { createLiveReader } from './live-reader.ts';
import type { LiveReader, LiveSource } from './live-reader.ts';
import { firstToCome } from './live-position.ts';
import type { LivePosition } from './live-position.ts';
import { createLiveStore } from './live-store.ts';
import type { LiveRange } from './live-store.ts';
import type { LiveEvent, LiveTopic } from './live-message.ts';
import { createStreamSlots } from './stream-slots.ts';
import type { StreamSlots } from './stream-slots.ts';

/** What this process tells of the events of all processes, read from the table of events and from nothing else. */
export interface LiveFeed {
  /** Something was committed here: who listens need not wait for the next look. Costs nothing where nobody does. */
  wake(): void;
  open(request: LiveRequest): Promise<LiveReader>;
  /** Of server-sent events: what the host listens to itself is not counted. */
  readonly streams: StreamSlots;
  /** Ends every reader, and opens no more. */
  close(): void;
}

export interface LiveRequest {
  readonly workspaceId: string;
  readonly topics: ReadonlySet<LiveTopic>;
  /** Goes on after this message. @default from now on */
  readonly after?: LivePosition | undefined;
}

/** Commits of this process that come closer together are told together. */
const wakeMilliseconds = 25;
const retryMilliseconds = 1_000;
const summariseEveryTicks = 1_000;
/** Readers that keep up ask for the same pages at the same time. */
const pagesRemembered = 4;

/**
 * One look a moment at which transactions have committed, while somebody listens; each reader then reads what lies
 * between two looks, at its own pace. A slow one holds one page and a position, never a queue.
 */
export function createLiveFeed({
  database,
  logger,
  options,
  changeLog,
}: Pick<Context, 'database' | 'logger' | 'options' | 'changeLog'>): LiveFeed {
  const store = createLiveStore(database);
  const everyMilliseconds = toMilliseconds(options.live?.refreshEvery ?? { milliseconds: 500 });
  const readers = new Set<LiveReader>();
  const pages = new LRUCache<string, Promise<readonly LiveEvent[]>>({ max: pagesRemembered });
  // Nobody is told once more of who was erased; the table says who is left.
  changeLog.subscribe('erasure', () => pages.clear());
  let latest: string | undefined;
  let looking: Promise<unknown> = Promise.resolve();
  let waiting: Array<() => void> = [];
  let timer: NodeJS.Timeout | undefined;
  let due = Infinity;
  let ticks = 0;
  let hasComplained = false;
  let isClosed = false;

  /** One after the other, so that the latest is never older than the one before. */
  function look(): Promise<string> {
    const next = looking.then(() => store.lookAtEvents());
    looking = next.then(
      (snapshot) => {
        hasComplained = false;
        if (snapshot === latest) return;
        latest = snapshot;
        rouse();
      },
      () => undefined,
    );
    return next;
  }

  function rouse(): void {
    const roused = waiting;
    waiting = [];
    for (const wake of roused) wake();
  }

  function schedule(milliseconds: number): void {
    const at = performance.now() + milliseconds;
    if (at >= due) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(() => void tick(), milliseconds).unref();
  }

  async function tick(): Promise<void> {
    due = Infinity;
    ticks += 1;
    try {
      await look();
      if (ticks % summariseEveryTicks === 0) await store.summariseEvents();
    } catch (error) {
      complain(error);
    }
    if (readers.size > 0) schedule(everyMilliseconds);
  }

  function complain(error: unknown): void {
    if (!hasComplained)
      logger.warn('Live messages could not be read.', { error: describeFault(error) });
    hasComplained = true;
  }

  function read(range: LiveRange): Promise<readonly LiveEvent[]> {
    const key = JSON.stringify(range);
    const known = pages.get(key);
    if (known !== undefined) return known;
    const page = store.selectLiveEvents(range);
    pages.set(key, page);
    page.catch(() => pages.delete(key));
    return page;
  }

  const source: LiveSource = {
    read,
    rouse,
    complain,
    async newer(snapshot) {
      if (latest === undefined || latest === snapshot)
        await new Promise<void>((resolve) => waiting.push(resolve));
      return latest === snapshot ? undefined : latest;
    },
    leave(reader) {
      readers.delete(reader);
      if (readers.size > 0) return;
      clearTimeout(timer);
      due = Infinity;
      pages.clear();
    },
    pause: () => new Promise((resolve) => setTimeout(resolve, retryMilliseconds).unref()),
  };

  return {
    streams: createStreamSlots(options.live),
    wake() {
      if (readers.size > 0) schedule(wakeMilliseconds);
    },
    async open({ workspaceId, topics, after }) {
      if (readers.size === 0) await store.summariseEvents();
      const now = await look();
      if (isClosed) throw new UnavailableError('The engine is closing.', { retryAfterSeconds: 1 });
      // A place that is still to come was taken in another database, or in this one before a backup was put back.
      const isKnown =
        after !== undefined && BigInt(firstToCome(lastOf(after))) <= BigInt(firstToCome(now));
      const reader = createLiveReader(source, {
        workspaceId,
        topics,
        position: isKnown ? after : { seen: now },
        start: isKnown ? 'resumed' : after === undefined ? 'now' : 'reset',
      });
      readers.add(reader);
      schedule(everyMilliseconds);
      return reader;
    },
    close() {
      isClosed = true;
      for (const reader of readers) reader.close();
    },
  };
}

function lastOf({ seen, reading }: LivePosition): string {
  return reading?.until ?? seen;
}
