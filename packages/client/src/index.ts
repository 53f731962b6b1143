// Global configuration: once at the start, then from anywhere.
export {
  close,
  configure,
  enqueue,
  flush,
  resetConfiguration,
  track,
  trackBatch,
  trackConversion,
  trackRegistration,
} from './global-tracking.ts';

// Independent clients, and an outbox in the application's own database.
export { createTracking, type TrackingClient } from './tracking-client.ts';
export {
  createOutbox,
  type DrainReport,
  type Outbox,
  type OutboxEntry,
  type OutboxStore,
} from './outbox.ts';
export { deterministicEventId } from './event-id.ts';

export type { CallOptions } from './deliver.ts';
export type { QueueReport } from './queue.ts';
export type { Time } from './time.ts';
export type { TrackedEvent, TrackInput, UserInput } from './tracked-event.ts';
export type { Tracked, TrackedBatch, TrackResult } from './tracking.ts';
export type { Result, TrackingError } from './tracking-error.ts';
export type { TrackingOptions } from './tracking-options.ts';
