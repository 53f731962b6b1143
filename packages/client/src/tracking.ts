import { deliver, type CallOptions } from './deliver.ts';
import { isDuplicate, outcomeInBatch } from './server-answer.ts';
import { makeEvent, type TrackedEvent, type TrackInput } from './tracked-event.ts';
import { invalid, messageOf, type Result, type TrackingError } from './tracking-error.ts';
import type { Settings } from './tracking-options.ts';

/** An event that the server has accepted. */
export interface Tracked {
  /** 202. */
  readonly statusCode: number;
  /** The id that was sent. */
  readonly eventId: string;
  readonly body: unknown;
  /** How many requests it took. */
  readonly attempts: number;
  /** Whether the server had it before, and counted nothing. */
  readonly duplicate: boolean;
}

/** What became of one event. */
export type TrackResult = Result<Tracked>;

/** What became of each event of a batch, in the order that they were given in. */
export interface TrackedBatch {
  readonly statusCode: number | null;
  readonly items: readonly TrackResult[];
  readonly attempts: number;
}

/** The server's limit on one request. */
export const batchEventsMax = 100;

/** Makes an event and delivers it. */
export async function track(
  settings: Settings,
  input: TrackInput,
  options: CallOptions = {},
): Promise<TrackResult> {
  const event = makeEvent(input);
  return event.ok ? deliverEvent(settings, event.value, options) : event;
}

/** Delivers one event. */
export async function deliverEvent(
  settings: Settings,
  event: TrackedEvent,
  options: CallOptions,
): Promise<TrackResult> {
  const body = JSON.stringify({ startup_slug: settings.project, ...event });
  const request = { url: settings.eventsUrl, body, accepted: [202] };
  const delivery = await deliver(settings, request, options);
  if (!delivery.ok) return delivery;
  return {
    ok: true,
    value: {
      ...delivery.value,
      eventId: event.event_id,
      duplicate: isDuplicate(delivery.value.body),
    },
  };
}

/**
 * Delivers up to 100 events in one request. An event that breaks a rule is refused by itself; `ok: false` means that
 * the request as a whole failed.
 */
export async function trackBatch(
  settings: Settings,
  inputs: readonly TrackInput[],
  options: CallOptions = {},
): Promise<Result<TrackedBatch>> {
  if (!Array.isArray(inputs) || inputs.length === 0 || inputs.length > batchEventsMax) {
    const error = invalid([`events must be a list of 1 to ${batchEventsMax} events`]);
    return { ok: false, error };
  }
  const made = (inputs as readonly TrackInput[]).map((input) => makeEvent(input));
  const events = made.flatMap((event) => (event.ok ? [event.value] : []));
  const delivery = await deliverBatch(settings, events, options);
  if (!delivery.ok) return delivery;
  const delivered = delivery.value.items.values();
  const items = made.map((event) => (event.ok ? (delivered.next().value as TrackResult) : event));
  return { ok: true, value: { ...delivery.value, items } };
}

/** Delivers events in one request, if there are any. */
export async function deliverBatch(
  settings: Settings,
  events: readonly TrackedEvent[],
  options: CallOptions,
): Promise<Result<TrackedBatch>> {
  if (events.length === 0) return { ok: true, value: { statusCode: null, items: [], attempts: 0 } };
  const body = JSON.stringify({ startup_slug: settings.project, events });
  const url = `${settings.eventsUrl}/batch`;
  const delivery = await deliver(settings, { url, body, accepted: [202, 207] }, options);
  if (!delivery.ok) return delivery;
  const { statusCode, attempts } = delivery.value;
  const items = events.map((event, index): TrackResult => {
    const outcome = outcomeInBatch(delivery.value.body, index) ?? notNamed(statusCode);
    if (typeof outcome === 'object') return { ok: false, error: { ...outcome, attempts } };
    const duplicate = outcome === 'duplicate';
    const itemBody = { status: 'accepted', ...(duplicate && { duplicate }) };
    const eventId = event.event_id;
    return { ok: true, value: { statusCode: 202, eventId, body: itemBody, attempts, duplicate } };
  });
  return { ok: true, value: { statusCode, items, attempts } };
}

/** Sent again, it is counted at most once; forgotten, it might never be. */
function notNamed(statusCode: number): TrackingError {
  const message = 'The answer does not say what became of this event';
  return { type: 'unexpected_response', message, statusCode, attempts: 1, retryable: true };
}

/** Keeps the promise that no call throws, whatever a `fetch`, a clock or a proxy of somebody's own does. */
export async function asValue<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (fault) {
    const message = messageOf(fault);
    return {
      ok: false,
      error: {
        type: 'connection_error',
        message,
        statusCode: null,
        attempts: 0,
        retryable: true,
      },
    };
  }
}
