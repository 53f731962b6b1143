import { newEventId } from '../event-id.ts';
import { describeFault, parseRedacted } from '../fault-words.ts';
import { backoffMilliseconds, isRetryable, retryAfterSeconds } from '../retry.ts';
import { systemTime, type Time } from '../time.ts';
import { version } from '../version.ts';
import { ApiConnectionError, ApiError } from './api-error.ts';
import type { ErrorResponse } from './api-types.ts';

/** What a client of the REST API needs to know. */
export interface ApiOptions {
  /** A secret key, with the scopes that the calls need. */
  apiKey: string;
  /** Where Headwater is, with its base path: `https://shop.example/hw`. */
  baseUrl: string;
  /**
   * Milliseconds that one attempt may take.
   * @default 10000
   */
  timeoutMs?: number;
  /**
   * How often a failed attempt is made again.
   * @default 3
   */
  maxRetries?: number;
  /**
   * Milliseconds that a call waits at most because a `Retry-After` says so; longer is an error at once.
   * @default 60000
   */
  maxRetryAfterMs?: number;
  /**
   * Makes the requests.
   * @default the runtime's own
   */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /**
   * The clock and the waiting.
   * @default the runtime's own
   */
  time?: Time;
  /**
   * Uniform in [0, 1), for the jitter of the waits.
   * @default Math.random
   */
  random?: () => number;
}

/** What a caller may say about one call. */
export interface RequestOptions {
  signal?: AbortSignal | undefined;
  /**
   * Makes a writing call count once, however often it is sent.
   * @default a random UUID for each call
   */
  idempotencyKey?: string | undefined;
}

/** Where an operation is, as the generated table says. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly hasIdempotencyKey: boolean;
  readonly isJson: boolean;
}

/** The answer of a request, and where its list goes on. */
export interface Sent {
  readonly answer: unknown;
  readonly nextCursor: string | undefined;
}

/** Sends one call until it is answered or refused, or its retries are used up. */
export async function sendRequest(
  options: ApiOptions,
  route: Route,
  input: Readonly<Record<string, unknown>>,
  call: RequestOptions,
): Promise<Sent> {
  const { time = systemTime, random = Math.random, maxRetries = 3 } = options;
  const { maxRetryAfterMs = 60_000 } = options;
  const url = urlOf(options.baseUrl, route, input);
  const init = initOf(options, route, input, call);
  // A POST without a key might be counted twice.
  const retriesMax = route.method === 'GET' || route.hasIdempotencyKey ? maxRetries : 0;

  for (let retry = 0; ; retry++) {
    let wait = backoffMilliseconds(retry, random());
    try {
      return await exchange(options, { url, init, route, time }, call.signal);
    } catch (fault) {
      if (call.signal?.aborted) throw new ApiConnectionError('The call was aborted');
      if (retry >= retriesMax) throw fault;
      if (fault instanceof ApiError) {
        if (!isRetryable(fault.status)) throw fault;
        if (fault.retryAfterSeconds !== undefined) wait = fault.retryAfterSeconds * 1000;
        if (wait > maxRetryAfterMs) throw fault;
      }
    }
    await time.sleep(wait, call.signal && { signal: call.signal });
  }
}

function urlOf(baseUrl: string, route: Route, input: Readonly<Record<string, unknown>>): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = input[name];
    // An empty part would make another address of it, such as that of the whole list.
    if (value === undefined || value === null || value === '')
      throw new TypeError(`${name} is required`);
    return encodeURIComponent(textOf(value));
  });
  const query = new URLSearchParams();
  for (const name of route.query) {
    const value = input[name];
    if (value !== undefined && value !== null) query.set(name, textOf(value));
  }
  const search = query.size === 0 ? '' : `?${query.toString()}`;
  return `${baseUrl.replace(/\/+$/, '')}/api${path}${search}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function initOf(
  { apiKey }: ApiOptions,
  { method, hasIdempotencyKey, isJson }: Route,
  { body }: Readonly<Record<string, unknown>>,
  { idempotencyKey = newEventId() }: RequestOptions,
): RequestInit {
  return {
    method,
    headers: {
      Authorization: `Bearer ${apiKey}`,
      'User-Agent': `headwater-client/${version}`,
      ...(isJson && { Accept: 'application/json' }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(hasIdempotencyKey && { 'Idempotency-Key': idempotencyKey }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    // The key is for this address and for no other.
    redirect: 'manual',
  };
}

/** One attempt: up to the last byte of JSON, or up to the headers of anything else, which may be a stream. */
async function exchange(
  { apiKey, fetch: send = fetch, timeoutMs = 10_000 }: ApiOptions,
  { url, init, route, time }: { url: string; init: RequestInit; route: Route; time: Time },
  signal: AbortSignal | undefined,
): Promise<Sent> {
  const stop = new AbortController();
  const isOver = new AbortController();
  // The caller's signal ends a stream as well, long after this attempt is over.
  const stops = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const late = time.sleep(timeoutMs, { signal: isOver.signal }).then(() => {
    if (isOver.signal.aborted) return undefined as never;
    stop.abort();
    throw new ApiConnectionError(`request timed out after ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([answerOf(send(url, { ...init, signal: stops })), late]);
  } catch (fault) {
    if (fault instanceof ApiError || fault instanceof ApiConnectionError) throw fault;
    throw new ApiConnectionError(describeFault(fault, apiKey));
  } finally {
    isOver.abort();
  }

  async function answerOf(sent: Promise<Response>): Promise<Sent> {
    const response = await sent;
    if (!response.ok) throw await errorOf(response, apiKey, time.now());
    const nextCursor = response.headers.get('X-Next-Cursor') ?? undefined;
    if (!route.isJson) return { answer: response, nextCursor };
    const words = await response.text();
    return { answer: words === '' ? undefined : parsed(words, response.status), nextCursor };
  }
}

function parsed(words: string, status: number): unknown {
  try {
    return JSON.parse(words) as unknown;
  } catch {
    const message = 'The answer is no JSON: does baseUrl lead to Headwater?';
    throw new ApiError({ ...nothingSaid, status, message });
  }
}

const nothingSaid = {
  code: undefined,
  errors: undefined,
  requestId: undefined,
  retryAfterSeconds: undefined,
};

async function errorOf(response: Response, apiKey: string, now: number): Promise<ApiError> {
  const { status, headers } = response;
  const body = parseRedacted(await response.text(), apiKey) as Partial<ErrorResponse> | undefined;
  return new ApiError({
    status,
    message: body?.error ?? `The answer is ${status}, and none of Headwater's`,
    code: body?.code,
    errors: body?.errors,
    requestId: headers.get('X-Request-Id') ?? undefined,
    retryAfterSeconds: retryAfterSeconds(headers.get('Retry-After'), now),
  });
}
