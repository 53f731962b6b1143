import type { IngestOutcome } from '../ingest/event.ts';
import type { Refusal } from '../kernel/result.ts';
import type { RateLimitedRefusal } from '../limits/rate-limit.ts';
import type { BeaconAccess } from './beacon-access.ts';
import type { CapturedBeacon } from './beacon-event.ts';
import type { OutgoingResponse } from './exchange.ts';

export type Headers = OutgoingResponse['headers'];

/** What became of one event, as the page reads it. */
export interface EventAnswer {
  readonly status: 'ok' | 'error';
  /** `dropped`: time spent on a page by nobody who is known. */
  readonly outcome: IngestOutcome['outcome'] | 'dropped';
  readonly event_id?: string;
  /** The device belongs to somebody else from now on: a page that keeps its own id makes a new one. */
  readonly rotate?: true;
  /** Fields that say who the visitor is, and count for nothing. */
  readonly unproven?: readonly string[];
  readonly identity?: { readonly outcome: string; readonly reason?: string };
  readonly error?: string;
  readonly code?: string;
  readonly errors?: NonNullable<Refusal['errors']>;
}

export function eventAnswer(captured: CapturedBeacon, outcome: IngestOutcome): EventAnswer {
  if (outcome.outcome === 'rejected') {
    const { code } = outcome;
    const isNobodys = code === 'visitor_not_found' || code === 'visitor_erased';
    if (captured.event.type === 'engagement' && isNobodys)
      return { status: 'ok', outcome: 'dropped', event_id: outcome.eventId };
    return {
      status: 'error',
      outcome: 'rejected',
      event_id: outcome.eventId,
      error: outcome.message,
      code,
    };
  }
  const { identity } = outcome;
  return {
    status: 'ok',
    outcome: outcome.outcome,
    event_id: outcome.eventId,
    ...(identity.rotate === true && { rotate: true }),
    ...(captured.unproven.length > 0 && { unproven: captured.unproven }),
    // Only to those who have proven who they are: it would tell others whom we know.
    ...(captured.event.identifiers.length > 1 && {
      identity: {
        outcome: identity.outcome,
        ...(identity.reason !== undefined && { reason: identity.reason }),
      },
    }),
  };
}

export function refusedAnswer(refused: Refusal): EventAnswer {
  return {
    status: 'error',
    outcome: 'rejected',
    error: refused.message,
    code: refused.code,
    ...(refused.errors !== undefined && { errors: refused.errors }),
  };
}

/** One event has a status of its own; events in a list are told apart by their answers. */
export function singleStatus(answer: EventAnswer): number {
  if (answer.status === 'ok') return 200;
  return answer.code === 'idempotency_conflict' ? 409 : 422;
}

/** Credentials go only to the exact origin of the page that may write (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export function corsHeaders({ origin }: BeaconAccess): Headers {
  if (origin === undefined) return [['vary', 'origin']];
  return [
    ['vary', 'origin'],
    ['access-control-allow-origin', origin],
    ['access-control-allow-credentials', 'true'],
    ['access-control-expose-headers', 'retry-after'],
  ];
}

export function refusalResponse(
  status: number,
  refused: Refusal,
  headers: Headers,
): OutgoingResponse {
  const { message: error, code, errors } = refused;
  return jsonResponse(
    status,
    { status: 'error', error, code, ...(errors !== undefined && { errors }) },
    headers,
  );
}

/** In the one form of errors: a beacon's own `status` is no part of it. */
export function limitedResponse(limited: RateLimitedRefusal, headers: Headers): OutgoingResponse {
  const { message: error, code, retryAfterSeconds } = limited;
  return jsonResponse(429, { error, code }, [
    ...headers,
    ['retry-after', String(retryAfterSeconds)],
  ]);
}

export function jsonResponse(status: number, body: unknown, headers: Headers): OutgoingResponse {
  return {
    status,
    headers: [['content-type', 'application/json'], ['cache-control', 'no-store'], ...headers],
    body: JSON.stringify(body),
  };
}
