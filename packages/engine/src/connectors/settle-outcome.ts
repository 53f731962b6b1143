import { second, toMilliseconds } from '../kernel/clock.ts';
import type { Connector } from './connector.ts';
import type { DeliveryResult, FinalOutcome } from './deliver-conversions.ts';
import { retryDelay } from './retry-delay.ts';
import type { ClaimedDispatch, DispatchAttempt, DispatchResult } from './dispatch.ts';

/** What a dispatch was sent with: told again with its result. */
export interface SentWith {
  readonly matchedBy: string | undefined;
  readonly matchQuality: number | undefined;
}

export interface OutcomeCircumstances {
  readonly connector: Pick<Connector, 'followUp'>;
  readonly now: number;
  readonly random: number;
  /** For how long outages are sat out, in milliseconds. */
  readonly retryFor: number;
  /** The request that it was in; absent where none was sent. */
  readonly exchange: DeliveryResult['exchange'] | undefined;
  /** Whether the same may be sent again though it may have arrived. */
  readonly repeatable: boolean;
  readonly sentWith: SentWith;
}

/** What the outcome of a request means for one dispatch. Who has to do something about the connector does that apart. */
export function settleOutcome(
  dispatch: ClaimedDispatch,
  outcome: FinalOutcome,
  circumstances: OutcomeCircumstances,
): DispatchResult {
  const { connector, now, random, retryFor, exchange, repeatable, sentWith } = circumstances;
  const reason = 'code' in outcome ? outcome.code : undefined;
  const message = 'message' in outcome ? outcome.message : undefined;
  const attempt: DispatchAttempt = {
    at: new Date(now).toISOString(),
    outcome: outcome.outcome,
    ...(exchange?.status !== undefined && { status: exchange.status }),
    ...(reason !== undefined && { code: reason }),
    ...(message !== undefined && { message }),
  };
  const common = {
    dispatch,
    reason,
    message,
    // What was put off without being sent is no attempt.
    ...(exchange !== undefined && { attempt, ...sentWith }),
  };
  switch (outcome.outcome) {
    case 'delivered': {
      const { followUp } = connector;
      const { reference, duplicate, warning } = outcome;
      return {
        ...common,
        status: 'delivered',
        reason: duplicate === true ? 'duplicate' : undefined,
        message: warning,
        reference,
        ...(followUp !== undefined &&
          reference !== undefined && { followUpAt: now + toMilliseconds(followUp.after) }),
      };
    }
    case 'rejected':
      return { ...common, status: 'failed' };
    case 'credentials':
      // It waits for whoever mends the connector.
      return { ...common, status: 'pending', dueAt: now };
    case 'rate_limited': {
      const least = (outcome.retryAfterSeconds ?? 0) * second;
      const dueAt = now + retryDelay(dispatch.attempts + 1, random, least);
      return { ...common, status: 'pending', dueAt };
    }
    case 'retry':
      break;
  }
  // A server that fails may have counted it; no connection is no harm.
  if (!repeatable && exchange?.status !== undefined)
    return {
      ...common,
      status: 'failed',
      reason: 'unanswered',
      message: 'It may have arrived, and the platform would count a repeat.',
    };
  if (now - dispatch.triedSince.getTime() >= retryFor) return { ...common, status: 'failed' };
  const least = (outcome.retryAfterSeconds ?? 0) * second;
  const dueAt = now + retryDelay(dispatch.attempts + 1, random, least);
  return { ...common, status: 'pending', dueAt };
}
