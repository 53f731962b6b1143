import type { CallOptions } from './deliver.ts';
import { createQueue, type QueueReport } from './queue.ts';
import type { TrackInput, UserInput } from './tracked-event.ts';
import { asValue, track, trackBatch, type TrackedBatch, type TrackResult } from './tracking.ts';
import {
  configurationError,
  messageOf,
  type Result,
  type TrackingError,
} from './tracking-error.ts';
import { resolveOptions, type Settings, type TrackingOptions } from './tracking-options.ts';

/** Tracks for one project. No call throws: what went wrong is in the result. */
export interface TrackingClient {
  /** A user has an account now: `user_registered`. */
  trackRegistration(input: UserInput, options?: CallOptions): Promise<TrackResult>;
  /** A user pays now: `user_converted`. */
  trackConversion(input: UserInput, options?: CallOptions): Promise<TrackResult>;
  /** Any event, with every field. */
  track(input: TrackInput, options?: CallOptions): Promise<TrackResult>;
  /** Up to 100 events in one request; each has a result of its own. */
  trackBatch(inputs: readonly TrackInput[], options?: CallOptions): Promise<Result<TrackedBatch>>;
  /**
   * Records an event in memory and delivers it in the background. What waits is lost when the process ends without
   * `close`; where that matters, use an outbox.
   */
  enqueue(input: TrackInput): Result<{ eventId: string }>;
  /** Tries to deliver what waits, and settles when all is delivered, or when an attempt has failed. */
  flush(options?: CallOptions): Promise<QueueReport>;
  /** Takes nothing more, tries to deliver what waits, and gives up the rest. */
  close(options?: CallOptions): Promise<QueueReport>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a client that shares nothing with any other, nor with the global configuration. An option that is missing or
 * wrong is reported by each of its calls as `configuration_error`, before any request.
 *
 * @example
 * const tracking = createTracking({ apiKey, project: 'my-startup', baseUrl: 'https://shop.example/hw' });
 * const result = await tracking.trackRegistration({ userId: user.id });
 * if (!result.ok) log.warn(result.error);
 */
export function createTracking(options: TrackingOptions): TrackingClient {
  const settings = settingsFrom(options);
  return settings.ok ? clientOf(settings.value) : brokenClient(settings.error);
}

/** The options as settings, even where they are no object at all. */
export function settingsFrom(options: TrackingOptions | undefined): Result<Settings> {
  try {
    return resolveOptions(options ?? {});
  } catch (fault) {
    return { ok: false, error: configurationError(messageOf(fault)) };
  }
}

function clientOf(settings: Settings): TrackingClient {
  const queue = createQueue(settings);
  const trackAs = (eventType: string) => (input: UserInput, options?: CallOptions) =>
    asValue(() => track(settings, { ...input, action: undefined, eventType }, options));
  return {
    trackRegistration: trackAs('user_registered'),
    trackConversion: trackAs('user_converted'),
    track: (input, options) => asValue(() => track(settings, input, options)),
    trackBatch: (inputs, options) => asValue(() => trackBatch(settings, inputs, options)),
    ...queue,
    async [Symbol.asyncDispose]() {
      await queue.close();
    },
  };
}

/** Answers every call with what is wrong with the configuration. */
export function brokenClient(configuration: TrackingError): TrackingClient {
  const error = configuration;
  const refuse = () => Promise.resolve({ ok: false, error } as const);
  const nothing = () => Promise.resolve({ delivered: 0, failed: 0, waiting: 0 });
  return {
    trackRegistration: refuse,
    trackConversion: refuse,
    track: refuse,
    trackBatch: refuse,
    enqueue: () => ({ ok: false, error }),
    flush: nothing,
    close: nothing,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
