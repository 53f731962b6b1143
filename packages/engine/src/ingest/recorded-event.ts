import type { EventType, IncomingEvent, Origin } from './event.ts';
import type { VisitedEvent } from './visit-step.ts';

/** One event as hooks and live messages tell it. */
export interface RecordedEvent {
  readonly id: string;
  readonly workspaceId: string;
  readonly type: EventType;
  readonly name: string | undefined;
  readonly occurredAt: Date;
  /** `undefined` only in the redirect's hook, for a click that is not committed yet. */
  readonly recordedAt: Date | undefined;
  /** The visitor that the event was stamped with; `undefined` for machines. */
  readonly visitorId: string | undefined;
  readonly sessionId: string | undefined;
  readonly touchId: string | undefined;
  readonly linkId: string | undefined;
  readonly url: string | undefined;
  readonly referrer: string | undefined;
  /** Minor units of `currency`. */
  readonly amountMinor: bigint | undefined;
  readonly currency: string | undefined;
  readonly origin: Origin;
  /** A bot, a crawler or a preview by name. */
  readonly machine: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What one batch has committed in this process. Repeats of what was there before are not in it. */
export interface CommittedBatch {
  readonly workspaceId: string;
  readonly recordedAt: number;
  readonly events: readonly VisitedEvent[];
  rootOf(visitorId: string): string;
}

/** Told once about every batch, right after its commit. It builds nothing where nobody listens, and never throws. */
export type Announce = (batch: CommittedBatch) => void;

export function recordedEventOf(batch: CommittedBatch, visited: VisitedEvent): RecordedEvent {
  return {
    ...describe(visited.resolved.planned.recognised.event),
    recordedAt: new Date(batch.recordedAt),
    visitorId: visited.resolved.stamped ?? undefined,
    sessionId: visited.sessionId ?? undefined,
    touchId: visited.touchId ?? undefined,
  };
}

/** An event that waits for its commit. */
export function waitingEventOf(event: IncomingEvent): RecordedEvent {
  return {
    ...describe(event),
    recordedAt: undefined,
    visitorId: undefined,
    sessionId: undefined,
    touchId: undefined,
  };
}

function describe(event: IncomingEvent) {
  return {
    id: event.id,
    workspaceId: event.workspaceId,
    type: event.type,
    name: event.name,
    occurredAt: new Date(event.occurredAt),
    linkId: event.linkId,
    url: event.url,
    referrer: event.referrer,
    amountMinor: event.amountMinor === undefined ? undefined : BigInt(event.amountMinor),
    currency: event.currency,
    origin: event.origin,
    machine: event.machine,
    properties: event.properties ?? {},
  };
}
