import type { TrackingError } from './tracking-error.ts';
import type { Settings } from './tracking-options.ts';

const baseSeconds = 1;
const delaySecondsMax = 30;
const jitter = 0.2;

/** Statuses that say "later": the request was not handled, or nobody knows. */
const retryableStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

export function isRetryable(statusCode: number): boolean {
  return retryableStatuses.has(statusCode);
}

/**
 * Milliseconds before retry number `retry`, counted from 0: `min(1 s × 2^retry, 30 s) × (1 ± 20 %)`, and never more
 * than 30 s. `random` is uniform in [0, 1).
 */
export function backoffMilliseconds(retry: number, random: number): number {
  const seconds = Math.min(baseSeconds * 2 ** retry, delaySecondsMax);
  return Math.min(seconds * (1 + jitter * (2 * random - 1)), delaySecondsMax) * 1000;
}

/**
 * Milliseconds before failure number `failures` in the background is tried again: the backoff, and no less than a server
 * has asked for with `Retry-After`, up to what the client waits for.
 */
export function pauseMilliseconds(
  failures: number,
  error: TrackingError | undefined,
  { random, maxRetryAfterMs }: Pick<Settings, 'random' | 'maxRetryAfterMs'>,
): number {
  const asked = error?.type === 'rate_limited' ? (error.retryAfter ?? 0) * 1000 : 0;
  return Math.max(backoffMilliseconds(failures, random()), Math.min(asked, maxRetryAfterMs));
}

/** The three forms of a date that a recipient must read: RFC 9110, 5.6.7. */
const httpDates = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/**
 * Seconds to wait according to `Retry-After`, which has seconds or a date (RFC 9110, 10.2.3); a date in the past is 0.
 * `undefined` for a header that is missing or says anything else, such as a negative or broken number.
 */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  const value = header?.trim() ?? '';
  if (/^\d+$/.test(value)) return Number(value);
  if (!httpDates.some((form) => form.test(value))) return undefined;
  const at = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}
