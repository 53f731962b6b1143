/** How an answer is read where a platform does what HTTP says, and the pieces for those that do not. */
import type { Outcome, OutcomeReason, PlatformResponse } from './connector.ts';

const messageLengthMax = 300;

/**
 * What a status says: 2xx delivered; 429 too much; 401 and 403 credentials; 404, 410 and 426 the configuration, which
 * stops everything just the same; 408, 409, 425, redirects and 5xx an outage; the rest is this request's own fault.
 * A page is no platform's answer, whatever its status: something on the way has made it.
 */
export function outcomeOfStatus(response: PlatformResponse, message?: string): Outcome {
  const { status } = response;
  const reason: OutcomeReason = {
    code: `http_${status}`,
    message: plainMessage(message ?? messageOf(response.body) ?? `The answer was ${status}.`),
  };
  if (status >= 200 && status < 300)
    return isPage(response.body)
      ? later(response, { code: 'not_an_answer', message: 'A page was answered.' })
      : { outcome: 'delivered' };
  if (status === 429) return tooMuch(response, reason);
  if (status === 401) return { outcome: 'credentials', ...reason, expired: true };
  if (status === 403 || status === 404 || status === 410 || status === 426)
    return { outcome: 'credentials', ...reason };
  if (status < 400 || status >= 500 || status === 408 || status === 409 || status === 425)
    return later(response, reason);
  return { outcome: 'rejected', ...reason };
}

function isPage(body: unknown): boolean {
  return typeof body === 'string' && /^\s*<(?:!doctype\b|html\b)/i.test(body);
}

export function tooMuch(
  response: PlatformResponse,
  reason: OutcomeReason,
): Extract<Outcome, { readonly outcome: 'rate_limited' }> {
  return { outcome: 'rate_limited', ...reason, ...retryAfter(response) };
}

export function later(
  response: PlatformResponse,
  reason: OutcomeReason,
): Extract<Outcome, { readonly outcome: 'retry' }> {
  return { outcome: 'retry', ...reason, ...retryAfter(response) };
}

/**
 * When the platform wants to hear from us again: `Retry-After` (RFC 9110 §10.2.3) in seconds or as a date, otherwise the
 * second of the epoch in `x-rate-limit-reset`. What is a date counts from the answer's own.
 */
export function retryAfter({ headers }: PlatformResponse): {
  readonly retryAfterSeconds?: number;
} {
  const after = headers['retry-after']?.trim();
  if (after !== undefined && /^\d{1,9}$/.test(after)) return { retryAfterSeconds: Number(after) };
  const reset = headers['x-rate-limit-reset'] ?? headers['x-ratelimit-reset'];
  const answeredAt = Date.parse(headers['date'] ?? '');
  const until =
    after === undefined && /^\d{10}$/.test(reset ?? '')
      ? Number(reset) * 1_000
      : Date.parse(after ?? '');
  const seconds = Math.ceil((until - answeredAt) / 1_000);
  return Number.isNaN(seconds) ? {} : { retryAfterSeconds: Math.max(0, seconds) };
}

/**
 * The outcome of a request that is refused as a whole: the rows that are known to be wrong are rejected, the others go
 * out again. Where none is known and there are several, all go out again, in halves.
 */
export function refusedAsAWhole(
  count: number,
  wrong: ReadonlyMap<number, OutcomeReason>,
  reason: OutcomeReason,
): readonly Outcome[] {
  const isKnown = [...wrong.keys()].some((row) => row >= 0 && row < count);
  return Array.from({ length: count }, (_, row): Outcome => {
    const own = wrong.get(row);
    if (own !== undefined) return { outcome: 'rejected', ...own };
    return count > 1 || isKnown ? { outcome: 'resend' } : { outcome: 'rejected', ...reason };
  });
}

/** What a platform says, without the personal data that it may repeat, and short enough for a log. */
export function plainMessage(text: string): string {
  return text
    .replace(/[^\s@"'<>]+@[^\s@"'<>]+\.[^\s@"'<>]+/g, '[email]')
    .replace(/\b[0-9a-f]{64}\b/gi, '[hash]')
    .replace(/\b(?:\d{1,3}\.){3}\d{1,3}\b/g, '[address]')
    .replace(/\+\d{7,15}\b/g, '[phone]')
    .slice(0, messageLengthMax);
}

function messageOf(body: unknown): string | undefined {
  const message = at(body, 'message') ?? at(body, 'error', 'message') ?? at(body, 'error');
  return typeof message === 'string' ? message : undefined;
}

/** A value inside JSON that may have any shape. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inside, key) =>
      typeof inside === 'object' && inside !== null && Object.hasOwn(inside, key)
        ? (inside as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    value,
  );
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const list = at(value, ...path);
  return Array.isArray(list) ? list : [];
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const text = at(value, ...path);
  return typeof text === 'string' ? text : undefined;
}
