import type { CallOptions } from './deliver.ts';
import { newEventId } from './event-id.ts';
import { pauseMilliseconds } from './retry.ts';
import { makeEvent, type TrackedEvent, type TrackInput } from './tracked-event.ts';
import { asValue, batchEventsMax, deliverBatch, type TrackResult } from './tracking.ts';
import { messageOf, type Result, type TrackingError } from './tracking-error.ts';
import { settingsFrom } from './tracking-client.ts';
import type { Settings, TrackingOptions } from './tracking-options.ts';

/** A recorded event that waits for its delivery. */
export interface OutboxEntry {
  /** Its own id; the event's id may be used more than once. */
  readonly id: string;
  readonly project: string;
  readonly event: TrackedEvent;
  /** Failed deliveries so far. */
  readonly attempts: number;
}

/**
 * Where an outbox keeps its entries: the database of the application. `Tx` is whatever the application writes a
 * transaction with. `postgresOutbox` of `@headwater/client/postgres` is one.
 */
export interface OutboxStore<Tx> {
  /** Writes with the caller's transaction, and commits nothing by itself. */
  insert(tx: Tx, entry: OutboxEntry, dueAt: Date): Promise<void>;
  /**
   * Takes the entries of a project that are due, the oldest first, and makes them due again at `until`: whoever takes
   * them and dies has only delayed them. Two callers at the same time get different ones.
   */
  claim(claim: {
    project: string;
    now: Date;
    until: Date;
    limit: number;
  }): Promise<readonly OutboxEntry[]>;
  /** Forgets what was delivered. */
  remove(ids: readonly string[]): Promise<void>;
  /** Counts a failed delivery and makes the entry due again at its time. */
  postpone(entries: readonly { id: string; dueAt: Date }[]): Promise<void>;
  /** Keeps what is refused for good, for people to look at. It is never claimed again. */
  refuse(entries: readonly { id: string; error: TrackingError }[]): Promise<void>;
}

/** What one drain came to. */
export interface DrainReport {
  readonly delivered: number;
  readonly refused: number;
  /** Left for a later drain, because they could not be delivered now. */
  readonly postponed: number;
  /** The database's, or why the last request failed. */
  readonly error?: TrackingError | { readonly type: 'outbox_error'; readonly message: string };
}

export interface Outbox<Tx> {
  /**
   * Records the event with the caller's transaction: it is delivered if, and only if, that commits. An exception of the
   * database passes through, because the transaction that it broke has to be rolled back.
   */
  enqueue(tx: Tx, input: TrackInput): Promise<Result<{ eventId: string }>>;
  /** Delivers what is due. Any number of processes may do so at the same time. */
  drain(options?: CallOptions): Promise<DrainReport>;
  /** Drains again and again, `everyMs` after the last time, until the signal is aborted. */
  run(options: { signal: AbortSignal; everyMs?: number }): Promise<void>;
}

/** One drain's claim is its own for this long; a delivery ends well before. */
const leaseMilliseconds = 120_000;
const deliveryMillisecondsMax = 60_000;

/**
 * Makes an outbox: the event is written in the transaction that creates the user, and delivered later by `drain`. No
 * crash between the two loses it, and no rollback leaves an event of a user who does not exist.
 *
 * @example
 * const outbox = createOutbox({ apiKey, project: 'my-startup', baseUrl, store: postgresOutbox(pool) });
 * await outbox.enqueue(tx, { eventType: 'user_registered', userId: user.id });
 * await outbox.drain();
 */
export function createOutbox<Tx>(
  options: TrackingOptions & { store: OutboxStore<Tx> },
): Outbox<Tx> {
  const { store } = options;
  const settings = settingsFrom(options);
  if (!settings.ok) return brokenOutbox(settings.error);
  const known = settings.value;
  const { project, time } = known;

  async function enqueue(tx: Tx, input: TrackInput): Promise<Result<{ eventId: string }>> {
    const now = time.now();
    const event = makeEvent(input, { now });
    if (!event.ok) return event;
    const entry = { id: newEventId(), project, event: event.value, attempts: 0 };
    await store.insert(tx, entry, new Date(now));
    return { ok: true, value: { eventId: event.value.event_id } };
  }

  async function drain(call: CallOptions = {}): Promise<DrainReport> {
    const total = { delivered: 0, refused: 0, postponed: 0 };
    const endsAt = time.now() + (call.deadlineMs ?? Infinity);
    try {
      for (;;) {
        const now = time.now();
        if (call.signal?.aborted || now >= endsAt) return total;
        const entries = await store.claim({
          project,
          now: new Date(now),
          until: new Date(now + leaseMilliseconds),
          limit: batchEventsMax,
        });
        if (entries.length === 0) return total;
        const deadlineMs = Math.min(endsAt - now, deliveryMillisecondsMax);
        const results = await settle(known, entries, { signal: call.signal, deadlineMs });
        const error = await keepBook(entries, results, total);
        if (error !== undefined) return { ...total, error };
      }
    } catch (fault) {
      return { ...total, error: { type: 'outbox_error', message: messageOf(fault) } };
    }
  }

  /** Answers the error that makes it pointless to claim more now. */
  async function keepBook(
    entries: readonly OutboxEntry[],
    results: readonly TrackResult[],
    total: { delivered: number; refused: number; postponed: number },
  ): Promise<TrackingError | undefined> {
    const delivered: string[] = [];
    const refused: { id: string; error: TrackingError }[] = [];
    const postponed: { id: string; dueAt: Date }[] = [];
    let error: TrackingError | undefined;
    for (const [index, { id, attempts }] of entries.entries()) {
      const result = results[index] as TrackResult;
      if (result.ok) delivered.push(id);
      else if (isOfTheEvent(result.error)) refused.push({ id, error: result.error });
      else {
        error = result.error;
        const dueAt = new Date(time.now() + pauseMilliseconds(attempts, error, known));
        postponed.push({ id, dueAt });
      }
    }
    if (delivered.length > 0) await store.remove(delivered);
    if (refused.length > 0) await store.refuse(refused);
    if (postponed.length > 0) await store.postpone(postponed);
    total.delivered += delivered.length;
    total.refused += refused.length;
    total.postponed += postponed.length;
    return error;
  }

  async function run({ signal, everyMs = 1000 }: Parameters<Outbox<Tx>['run']>[0]): Promise<void> {
    while (!signal.aborted) {
      const { error } = await drain({ signal });
      // What is recorded meanwhile is due at once, and would ask a server again that has asked for a pause.
      const asked = error?.type === 'rate_limited' ? pauseMilliseconds(0, error, known) : 0;
      await time.sleep(Math.max(everyMs, asked), { signal, idle: true });
    }
  }

  return { enqueue, drain, run };
}

/** One result for each entry. A batch that is too large is sent by halves. */
async function settle(
  settings: Settings,
  entries: readonly OutboxEntry[],
  options: CallOptions,
): Promise<readonly TrackResult[]> {
  const events = entries.map(({ event }) => event);
  const delivery = await asValue(() => deliverBatch(settings, events, options));
  if (delivery.ok) return delivery.value.items;
  if (delivery.error.type !== 'payload_too_large' || entries.length === 1)
    return entries.map(() => delivery);
  const half = Math.ceil(entries.length / 2);
  const first = await settle(settings, entries.slice(0, half), options);
  return [...first, ...(await settle(settings, entries.slice(half), options))];
}

/** Whatever else fails, a wrong key included, is no fault of the event: it waits until that is put right. */
function isOfTheEvent({ type }: TrackingError): boolean {
  return ['validation_error', 'event_id_conflict', 'payload_too_large'].includes(type);
}

function brokenOutbox<Tx>(configuration: TrackingError): Outbox<Tx> {
  const error = configuration;
  return {
    enqueue: () => Promise.resolve({ ok: false, error }),
    drain: () => Promise.resolve({ delivered: 0, refused: 0, postponed: 0, error }),
    run: () => Promise.resolve(),
  };
}
