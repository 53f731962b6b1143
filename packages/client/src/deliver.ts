import { attempt, type Attempt } from './attempt.ts';
import { backoffMilliseconds, isRetryable, retryAfterSeconds } from './retry.ts';
import { refusalOf } from './server-answer.ts';
import { invalid, type Result, type TrackingError } from './tracking-error.ts';
import type { Settings } from './tracking-options.ts';

/** What a caller may say about one call. */
export interface CallOptions {
  /** Ends the call at once; its result is `aborted`. */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds that the call may take with all of its attempts and waits.
   * @default that of the client
   */
  deadlineMs?: number | undefined;
}

/** The answer that a request was accepted with. */
export interface Delivery {
  readonly statusCode: number;
  readonly body: unknown;
  readonly attempts: number;
}

type Answer = Extract<Attempt, { outcome: 'answered' }>;

/**
 * Sends the body until it is accepted, refused for good, or `maxRetries` are used up. The body is the same each time,
 * so that the server counts what is in it once.
 */
export async function deliver(
  settings: Settings,
  request: { url: string; body: string; accepted: readonly number[] },
  options: CallOptions | null,
): Promise<Result<Delivery>> {
  const { time, maxRetries } = settings;
  // A caller without types may give null, or what no clock can reach.
  const signal = options?.signal;
  const deadlineMs = options?.deadlineMs ?? settings.deadlineMs;
  if (typeof deadlineMs !== 'number' || Number.isNaN(deadlineMs))
    return { ok: false, error: invalid(['deadlineMs must be a number of milliseconds']) };
  const endsAt = time.now() + deadlineMs;
  let last: Answer | undefined;

  for (let attempts = 0; ;) {
    const left = endsAt - time.now();
    if (signal?.aborted) return failure(aborted(last, attempts));
    if (left <= 0) return failure(deadlineExceeded(last, attempts));

    const timeoutMs = Math.min(settings.timeoutMs, left);
    const result = await attempt(settings, { ...request, timeoutMs, signal });
    attempts++;
    let wait: number;
    if (result.outcome === 'aborted') return failure(aborted(last, attempts));
    if (result.outcome === 'failed') {
      last = undefined;
      wait = backoffMilliseconds(attempts - 1, settings.random());
      if (attempts > maxRetries) return failure(connectionError(result.message, attempts));
    } else {
      last = result;
      const { statusCode, body } = result;
      if (request.accepted.includes(statusCode))
        return { ok: true, value: { statusCode, body, attempts } };
      if (!isRetryable(statusCode)) return failure({ ...refusalOf(result), attempts });
      const retryAfter = retryAfterOf(result, time.now());
      wait =
        retryAfter === undefined
          ? backoffMilliseconds(attempts - 1, settings.random())
          : retryAfter * 1000;
      if (attempts > maxRetries) return failure(exhausted(result, retryAfter, attempts));
      if (retryAfter !== undefined && wait > settings.maxRetryAfterMs)
        return failure(tooLongToWait(result, retryAfter, attempts));
    }
    // Nobody gains from a wait after which there is no time for an attempt.
    if (time.now() + wait >= endsAt) return failure(deadlineExceeded(last, attempts));
    await time.sleep(wait, signal && { signal });
  }
}

function failure(error: TrackingError): Result<never> {
  return { ok: false, error };
}

/** Only a 429 says how long to wait; a broken server's idea of it is worth no more than the backoff. */
function retryAfterOf({ statusCode, headers }: Answer, now: number): number | undefined {
  return statusCode === 429 ? retryAfterSeconds(headers.get('Retry-After'), now) : undefined;
}

function exhausted(
  answer: Answer,
  retryAfter: number | undefined,
  attempts: number,
): TrackingError {
  const retries = attempts - 1;
  const facts = {
    message: `Request failed after ${retries} ${retries === 1 ? 'retry' : 'retries'}`,
    ...factsOf(answer),
    attempts,
    retryable: true,
  };
  return answer.statusCode === 429
    ? { type: 'rate_limited', retryAfter: retryAfter ?? null, ...facts }
    : { type: 'max_retries_exceeded', lastStatusCode: answer.statusCode, ...facts };
}

function tooLongToWait(answer: Answer, retryAfter: number, attempts: number): TrackingError {
  return {
    type: 'rate_limited',
    message: `The server asks to wait ${retryAfter} s, which is longer than this client waits`,
    ...factsOf(answer),
    retryAfter,
    attempts,
    retryable: true,
  };
}

function connectionError(message: string, attempts: number): TrackingError {
  return { type: 'connection_error', statusCode: null, message, attempts, retryable: true };
}

function deadlineExceeded(last: Answer | undefined, attempts: number): TrackingError {
  const message = 'There is no time left for another attempt';
  return { type: 'deadline_exceeded', message, ...factsOf(last), attempts, retryable: true };
}

function aborted(last: Answer | undefined, attempts: number): TrackingError {
  const message = 'The call was aborted';
  return { type: 'aborted', message, ...factsOf(last), attempts, retryable: true };
}

function factsOf(answer: Answer | undefined): { statusCode: number | null; requestId?: string } {
  const requestId = answer?.headers.get('X-Request-Id') ?? undefined;
  return { statusCode: answer?.statusCode ?? null, ...(requestId !== undefined && { requestId }) };
}
