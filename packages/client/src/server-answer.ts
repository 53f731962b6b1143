import type { TrackingError } from './tracking-error.ts';

/** The error that an answer stands for which no repeat would change, without the number of attempts. */
export function refusalOf(answer: {
  statusCode: number;
  headers: Headers;
  body: unknown;
}): TrackingError & { attempts: 1 } {
  const { statusCode } = answer;
  const requestId = answer.headers.get('X-Request-Id') ?? undefined;
  const facts = {
    statusCode,
    attempts: 1,
    retryable: false,
    ...(requestId !== undefined && { requestId }),
  } as const;
  const said = messageIn(answer.body);
  switch (statusCode) {
    case 401:
      return { type: 'authentication_error', message: said ?? 'Invalid token', ...facts };
    case 403:
      return { type: 'authorization_error', message: said ?? 'Unauthorized scope', ...facts };
    case 404:
      return { type: 'startup_not_found', message: said ?? 'startup not found', ...facts };
    case 409:
      return {
        type: 'event_id_conflict',
        message: said ?? 'This event id belongs to another event',
        ...facts,
      };
    case 413:
      return { type: 'payload_too_large', message: said ?? 'The event is too large', ...facts };
    case 422: {
      const errors = sentencesIn(answer.body);
      return { type: 'validation_error', message: said ?? 'Validation failed', errors, ...facts };
    }
    default:
      return {
        type: 'unexpected_response',
        message: said ?? unexpected(statusCode),
        ...facts,
      };
  }
}

function unexpected(statusCode: number): string {
  // A browser hides where a redirect leads, and even which one it was.
  const isRedirect = statusCode === 0 || (statusCode >= 300 && statusCode < 400);
  return isRedirect
    ? 'The server redirects, and a key is never sent on: is base_url the final address?'
    : `The answer (${statusCode}) is none of the tracking endpoint: does base_url lead to Headwater?`;
}

/** What became of one event of a batch. */
export interface BatchItem {
  readonly outcome: 'accepted' | 'duplicate' | TrackingError;
}

/** Codes of an item that a repeat may change, because the fault was the server's. */
const retryableCodes: ReadonlySet<unknown> = new Set([
  'unavailable',
  'internal_error',
  'rate_limited',
]);

/** The outcome of the event at `index` of a batch; `undefined` where the answer does not name it. */
export function outcomeInBatch(body: unknown, index: number): BatchItem['outcome'] | undefined {
  const results = propertyOf(body, 'results');
  const items: readonly unknown[] = Array.isArray(results) ? results : [];
  const item = items.find((each) => propertyOf(each, 'index') === index);
  if (propertyOf(item, 'status') === 'ok')
    return propertyOf(item, 'outcome') === 'duplicate' ? 'duplicate' : 'accepted';
  if (propertyOf(item, 'status') !== 'error') return undefined;
  const code = propertyOf(item, 'code');
  const facts = { attempts: 1, retryable: retryableCodes.has(code) } as const;
  const message = messageIn(item);
  if (code === 'event_id_conflict')
    return {
      type: code,
      message: message ?? 'This event id belongs to another event',
      statusCode: 409,
      ...facts,
    };
  if (facts.retryable)
    return {
      type: 'unexpected_response',
      message: message ?? 'The server could not record the event',
      statusCode: null,
      ...facts,
    };
  return {
    type: 'validation_error',
    message: message ?? 'Validation failed',
    errors: sentencesIn(item),
    statusCode: 422,
    ...facts,
  };
}

/** Whether an accepted event had been counted before. */
export function isDuplicate(body: unknown): boolean {
  return propertyOf(body, 'duplicate') === true;
}

function messageIn(body: unknown): string | undefined {
  for (const name of ['error', 'message']) {
    const value = propertyOf(body, name);
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** `errors` is a list of sentences, or messages by field, as in the rest of the API. */
function sentencesIn(body: unknown): string[] {
  const errors = propertyOf(body, 'errors');
  if (Array.isArray(errors)) return errors.map(String);
  if (typeof errors !== 'object' || errors === null) return [];
  return Object.entries(errors).flatMap(([field, messages]) =>
    (Array.isArray(messages) ? messages : [messages]).map(
      (message) => `${field} ${String(message)}`,
    ),
  );
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
