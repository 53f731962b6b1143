import type { CallOptions } from './deliver.ts';
import type { QueueReport } from './queue.ts';
import type { TrackInput, UserInput } from './tracked-event.ts';
import type { TrackedBatch, TrackResult } from './tracking.ts';
import { brokenClient, createTracking, type TrackingClient } from './tracking-client.ts';
import { configurationError, type Result } from './tracking-error.ts';
import type { TrackingOptions } from './tracking-options.ts';

const notConfigured = brokenClient(
  configurationError('api_key is required: call configure({ apiKey, project, baseUrl }) first'),
);
let client: TrackingClient = notConfigured;

/**
 * Sets what the calls of this module use, once at the start of an application. What an earlier configuration has
 * enqueued is still delivered with it.
 *
 * @example
 * configure({ apiKey: process.env.HEADWATER_KEY, project: 'my-startup', baseUrl: 'https://shop.example/hw' });
 * await trackRegistration({ userId: user.id });
 */
export function configure(options: TrackingOptions): void {
  client = createTracking(options);
}

/** Forgets the global configuration, as a test does. */
export function resetConfiguration(): void {
  client = notConfigured;
}

/** {@link TrackingClient.trackRegistration} with the global configuration. */
export function trackRegistration(input: UserInput, options?: CallOptions): Promise<TrackResult> {
  return client.trackRegistration(input, options);
}

/** {@link TrackingClient.trackConversion} with the global configuration. */
export function trackConversion(input: UserInput, options?: CallOptions): Promise<TrackResult> {
  return client.trackConversion(input, options);
}

/** {@link TrackingClient.track} with the global configuration. */
export function track(input: TrackInput, options?: CallOptions): Promise<TrackResult> {
  return client.track(input, options);
}

/** {@link TrackingClient.trackBatch} with the global configuration. */
export function trackBatch(
  inputs: readonly TrackInput[],
  options?: CallOptions,
): Promise<Result<TrackedBatch>> {
  return client.trackBatch(inputs, options);
}

/** {@link TrackingClient.enqueue} with the global configuration. */
export function enqueue(input: TrackInput): Result<{ eventId: string }> {
  return client.enqueue(input);
}

/** {@link TrackingClient.flush} with the global configuration. */
export function flush(options?: CallOptions): Promise<QueueReport> {
  return client.flush(options);
}

/** {@link TrackingClient.close} with the global configuration. */
export function close(options?: CallOptions): Promise<QueueReport> {
  return client.close(options);
}
