import { UnavailableError } from '../kernel/errors.ts';
import type { Logger } from '../options.ts';
import { errorCode } from '../store/connection.ts';
import { isOutage } from '../store/outage.ts';
import type { Workspace, WorkspaceDirectory } from '../workspaces/workspace.ts';
import type { IncomingEvent, Ingest, IngestOutcome, SubmitOptions } from './event.ts';
import type { Partitions } from './partition-store.ts';

/** What a batch is of: events that arrive now, or some that were put aside earlier and may be known by now. */
export type BatchSource = 'waiting' | 'background';

export interface GroupCommitOptions {
  readonly write: (
    workspace: Workspace,
    events: readonly IncomingEvent[],
    source: BatchSource,
  ) => Promise<IngestOutcome[]>;
  readonly partitions: Partitions;
  readonly workspaces: WorkspaceDirectory;
  readonly logger: Logger;
  /** Batches of one workspace that may be on their way at once. */
  readonly batchesInFlight: number;
  readonly queueSize: number;
  readonly patienceMilliseconds: number;
  readonly durability: 'commit' | 'memory';
  /** Waits between attempts while the database is away; given so that tests do not wait. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** More events than this wait for the next batch. */
const batchSizeMax = 1_000;
/** Fewer events are not worth two transactions. */
const smallBatch = 8;
/** How much of what was put aside makes a batch: beside live events few enough that they hardly wait for it. */
const backgroundShare = { besideLive: 100, alone: 500 };
/** How often a single event is tried that fails for a reason of its own. */
const attemptsMax = 3;
const pauseMilliseconds = { first: 20, longest: 500 };

interface Waiting {
  readonly event: IncomingEvent;
  readonly together: object | undefined;
  settle(outcome: IngestOutcome): void;
  fail(error: unknown): void;
}

interface Lane {
  readonly workspaceId: string;
  waiting: Waiting[];
  /**
   * Goes in batches of its own: much of it was committed after all when its sender had lost patience, and a repeat
   * makes its batch start over. One of them at a time, in turn with live ones.
   */
  background: Waiting[];
  /** Batches, and the live ones among them. */
  inFlight: number;
  liveInFlight: number;
  /** Live events in those. */
  underWay: number;
  last: BatchSource;
  scheduled: boolean;
}

/**
 * Group commit: a batch is what arrived while the one or two before it were committing, with no timer. One lane for
 * each workspace, so that a batch never crosses workspaces (one shard on Citus) and nobody waits for a neighbour's
 * bad event. The queue is bounded: a full one refuses, it never drops.
 */
export function createGroupCommit(options: GroupCommitOptions): Ingest {
  const lanes = new Map<string, Lane>();
  const idle: Array<() => void> = [];
  let queued = 0;
  let inFlight = 0;
  let batches = 0;
  let events = 0;
  let closed = false;

  function submit(event: IncomingEvent, settings?: SubmitOptions): Promise<IngestOutcome> {
    if (closed)
      return Promise.reject(
        new UnavailableError('The engine is closing.', { retryAfterSeconds: 5 }),
      );
    if (queued >= options.queueSize) {
      return Promise.reject(
        new UnavailableError('Too many events are waiting for their commit.', {
          retryAfterSeconds: 1,
        }),
      );
    }
    const committed = new Promise<IngestOutcome>((resolve, reject) => {
      let lane = lanes.get(event.workspaceId);
      if (lane === undefined) {
        lane = {
          workspaceId: event.workspaceId,
          waiting: [],
          background: [],
          inFlight: 0,
          liveInFlight: 0,
          underWay: 0,
          last: 'background',
          scheduled: false,
        };
        lanes.set(event.workspaceId, lane);
      }
      const patience = setTimeout(() => {
        // The event stays in the queue: it may still commit, and whoever sends it again is answered as a repeat.
        reject(
          new UnavailableError('The database has not confirmed the event in time.', {
            retryAfterSeconds: 2,
          }),
        );
      }, settings?.patienceMilliseconds ?? options.patienceMilliseconds);
      (settings?.background === true ? lane.background : lane.waiting).push({
        event,
        together: settings?.together,
        settle(outcome) {
          clearTimeout(patience);
          resolve(outcome);
        },
        fail(error) {
          clearTimeout(patience);
          reject(error);
        },
      });
      queued += 1;
      schedule(lane);
    });
    if (options.durability === 'commit') return committed;
    committed.catch((error: unknown) => {
      options.logger.error('An event that was acknowledged from memory was lost.', {
        code: errorCode(error),
      });
    });
    return Promise.resolve({
      outcome: 'accepted',
      eventId: event.id,
      identity: { outcome: 'none' },
    });
  }

  function schedule(lane: Lane): void {
    if (lane.scheduled || lane.inFlight >= options.batchesInFlight) return;
    if (nextSource(lane) === undefined) return;
    lane.scheduled = true;
    // What arrives in the same turn of the event loop shares the batches. The second is planned when the first has been
    // sent, so that it counts on what that one makes of the visitors that both have.
    setImmediate(() => {
      lane.scheduled = false;
      begin(lane);
      schedule(lane);
    });
  }

  function begin(lane: Lane): void {
    const source = nextSource(lane);
    if (source === undefined) return;
    const live = source === 'waiting' ? 1 : 0;
    const batch = take(lane, source, sizeOf(lane, source));
    lane.last = source;
    lane.inFlight += 1;
    lane.liveInFlight += live;
    lane.underWay += live * batch.length;
    inFlight += 1;
    void commit(lane, batch, source).finally(() => {
      queued -= batch.length;
      lane.inFlight -= 1;
      lane.liveInFlight -= live;
      lane.underWay -= live * batch.length;
      inFlight -= 1;
      if (!isEmpty(lane)) schedule(lane);
      else if (lane.inFlight === 0) lanes.delete(lane.workspaceId);
      if (queued === 0) for (const wake of idle.splice(0)) wake();
    });
  }

  /**
   * A share of what waits for each batch that may start now: while the database works on one, the next is prepared.
   * Callers that answer and ask again in step would otherwise all wait in one batch, and the two take turns.
   */
  function sizeOf(lane: Lane, source: BatchSource): number {
    const { length } = lane.waiting;
    if (source === 'background') return backgroundShare[length > 0 ? 'besideLive' : 'alone'];
    const free = options.batchesInFlight - lane.inFlight;
    return Math.min(length < smallBatch ? length : Math.ceil(length / free), batchSizeMax);
  }

  async function commit(lane: Lane, batch: readonly Waiting[], source: BatchSource): Promise<void> {
    let pause = pauseMilliseconds.first;
    let looksAgain = true;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const workspace = await options.workspaces.get(lane.workspaceId);
        if (workspace === undefined) {
          for (const waiting of batch)
            waiting.settle(refusal(waiting, 'workspace_not_found', 'There is no such workspace.'));
          return;
        }
        await options.partitions.ensure(occurrences(batch));
        const outcomes = await options.write(
          workspace,
          batch.map((waiting) => waiting.event),
          source,
        );
        batches += 1;
        events += batch.length;
        batch.forEach((waiting, index) => waiting.settle(outcomes[index]!));
        return;
      } catch (error) {
        // 23514: there is no partition, because retention dropped a month that was known to exist.
        if (errorCode(error) === '23514' && looksAgain) {
          looksAgain = false;
          options.partitions.forget();
          continue;
        }
        // Unanswered for as long as the database is away; what this batch itself may be the reason of, a few times.
        const again =
          isAway(error) || (batch.length === 1 && attempt < attemptsMax && !isDataError(error));
        if (again && !closed) {
          // Nobody knows whether a broken commit went through: the same ids are sent again (law 2).
          options.logger.warn('A batch could not be committed; it is sent again.', {
            code: errorCode(error),
            events: batch.length,
          });
          await options.pause(pause);
          pause = Math.min(pause * 2, pauseMilliseconds.longest);
          continue;
        }
        await halve(lane, batch, source, error);
        return;
      }
    }
  }

  /** A batch that fails is halved until the bad event stands alone: its neighbours are not lost with it. */
  async function halve(
    lane: Lane,
    batch: readonly Waiting[],
    source: BatchSource,
    error: unknown,
  ): Promise<void> {
    if (batch.length > 1 && !closed) {
      const middle = batch.length >> 1;
      await commit(lane, batch.slice(0, middle), source);
      await commit(lane, batch.slice(middle), source);
      return;
    }
    for (const waiting of batch) {
      if (!isDataError(error)) {
        waiting.fail(error);
        continue;
      }
      options.logger.error('An event cannot be stored.', {
        code: errorCode(error),
        eventId: waiting.event.id,
      });
      waiting.settle(refusal(waiting, 'unstorable', 'The event cannot be stored as it is.'));
    }
  }

  async function flush(): Promise<void> {
    if (queued === 0) return;
    await new Promise<void>((resolve) => idle.push(resolve));
    await flush();
  }

  return {
    submit,
    flush,
    async close() {
      // What is in flight is finished; what the database does not take now is not waited for.
      closed = true;
      await Promise.race([flush(), options.pause(options.patienceMilliseconds)]);
    },
    get stats() {
      return { queued, inFlight, batches, events };
    },
  };
}

/**
 * What the next batch is of, if one is to begin now. A batch costs something for itself, whatever its size: beside
 * another one a live one begins when at least half as many wait. Fewer are not held up for long: the other one's end
 * begins it too.
 */
function nextSource(lane: Lane): BatchSource | undefined {
  const { waiting, background, inFlight, liveInFlight, underWay, last } = lane;
  const isLiveDue = waiting.length > 0 && (liveInFlight === 0 || waiting.length * 2 >= underWay);
  const isBackgroundDue = background.length > 0 && inFlight === liveInFlight;
  if (isLiveDue && isBackgroundDue) return last === 'waiting' ? 'background' : 'waiting';
  if (isLiveDue) return 'waiting';
  return isBackgroundDue ? 'background' : undefined;
}

function isEmpty(lane: Lane): boolean {
  return lane.waiting.length === 0 && lane.background.length === 0;
}

function take(lane: Lane, from: BatchSource, size: number): Waiting[] {
  let end = size;
  while (end < lane[from].length && isCut(lane[from], end)) end += 1;
  if (end < lane[from].length) return lane[from].splice(0, end);
  const all = lane[from];
  lane[from] = [];
  return all;
}

/** Whether a batch that ends here would split a request: within one, events count in the order of their times. */
function isCut(waiting: readonly Waiting[], end: number): boolean {
  const { together } = waiting[end]!;
  return end > 0 && together !== undefined && together === waiting[end - 1]!.together;
}

function refusal(waiting: Waiting, code: string, message: string): IngestOutcome {
  return { outcome: 'rejected', eventId: waiting.event.id, code, message };
}

function* occurrences(batch: readonly Waiting[]): Iterable<number> {
  for (const waiting of batch) yield waiting.event.occurredAt;
}

/** SQLSTATE classes 22 (data) and 23 (integrity): this very event is the reason. */
function isDataError(error: unknown): boolean {
  return /^2[23]/.test(errorCode(error) ?? '');
}

/** The database is away, or asks for another try: not the fault of any event. A statement timeout may be. */
function isAway(error: unknown): boolean {
  return isOutage(error) && errorCode(error) !== '57014';
}
