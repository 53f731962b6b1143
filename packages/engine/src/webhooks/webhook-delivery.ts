import { day, hour, minute, second } from '../kernel/clock.ts';

export const deliveryStatuses = ['waiting', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** One message on its way to one endpoint. */
export interface WebhookDelivery {
  readonly workspaceId: string;
  /** The `webhook-id` of every attempt. */
  readonly id: string;
  readonly endpointId: string;
  /** `conversion.created` and the like. */
  readonly eventType: string;
  readonly event: { readonly id: string; readonly occurredAt: Date } | undefined;
  readonly visitorId: string | null;
  /** What is no event. */
  readonly message: DeliveryMessage | null;
  readonly status: DeliveryStatus;
  /** Why it failed for good, or is tried again: `status_500`, `timeout`, `private_network`, `event_gone` … */
  readonly reason: string | null;
  /** Since it was last made to wait. */
  readonly attempts: number;
  readonly dueAt: Date;
  /** The newest ones, the latest last. */
  readonly log: readonly DeliveryAttempt[];
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

/** What is decided when it is planned; the rest follows from the attempts. */
export type NewDelivery = Pick<
  WebhookDelivery,
  'id' | 'endpointId' | 'eventType' | 'event' | 'visitorId' | 'message'
>;

/** The body without its type. */
export interface DeliveryMessage {
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface DeliveryAttempt {
  /** RFC 3339. */
  readonly at: string;
  /** Absent where there was no answer. */
  readonly status?: number;
  readonly failure?: string;
  readonly milliseconds: number;
}

/** How an attempt ended. */
export interface AttemptResult extends DeliveryAttempt {
  readonly retryAfterSeconds?: number;
}

/**
 * How long after each attempt the next one is: the example schedule of Standard Webhooks, ten attempts in about three
 * days.
 * @public
 */
export const retrySchedule = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
] as const;

/** Deliveries are deleted when they are this old. */
export const deliveriesKeptFor = 30 * day;

export const attemptsLogged = 20;

const jitter = 0.1;
export const retryAfterMax = day;

export type DeliveryDecision =
  | { readonly status: 'delivered' }
  | { readonly status: 'failed'; readonly reason: string }
  | { readonly status: 'waiting'; readonly reason: string; readonly dueAt: number };

/**
 * What follows from an attempt. Only 2xx is success: redirects are not followed. `Retry-After` may put the next attempt
 * off, by a day at most, and never brings it forward.
 *
 * @param attempts with this one
 * @param random from 0 to 1: spreads the attempts by a tenth either way
 */
export function decideDelivery(
  result: AttemptResult,
  {
    attempts,
    now,
    random,
  }: { readonly attempts: number; readonly now: number; readonly random: number },
): DeliveryDecision {
  const { status, failure, retryAfterSeconds = 0 } = result;
  if (hasArrived(result)) return { status: 'delivered' };
  const reason = failure ?? `status_${status}`;
  if (status === 410) return { status: 'failed', reason: 'gone' };
  const wait = retrySchedule[attempts - 1];
  if (wait === undefined) return { status: 'failed', reason };
  const spread = wait * (1 + jitter * (2 * random - 1));
  const asked = Math.min(retryAfterSeconds * second, retryAfterMax);
  return { status: 'waiting', reason, dueAt: now + Math.max(spread, asked) };
}

export function hasArrived({ status }: Pick<AttemptResult, 'status'>): boolean {
  return status !== undefined && status >= 200 && status < 300;
}
