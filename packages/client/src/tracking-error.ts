/** The part of an error that every kind of it has. */
interface Failure {
  /** For people. Holds no key, whatever the server or the network said. */
  readonly message: string;
  /** Of the last answer; `null` where none came. */
  readonly statusCode: number | null;
  /** How many requests were made. */
  readonly attempts: number;
  /** Whether the same event may succeed later. */
  readonly retryable: boolean;
  /** `X-Request-Id` of the last answer, for a look into the server's log. */
  readonly requestId?: string;
}

/** An option is missing or breaks its rule. No request was made. */
export interface ConfigurationError extends Failure {
  readonly type: 'configuration_error';
  readonly statusCode: null;
}

/** 401: the key is not known, has expired or was revoked. */
export interface AuthenticationError extends Failure {
  readonly type: 'authentication_error';
}

/** 403: the key lacks the scope `tracking:write`. */
export interface AuthorizationError extends Failure {
  readonly type: 'authorization_error';
}

/** 404: the key's workspace has no project of this slug. */
export interface StartupNotFound extends Failure {
  readonly type: 'startup_not_found';
}

/** 422, or `statusCode: null` where the event was refused before any request. */
export interface ValidationError extends Failure {
  readonly type: 'validation_error';
  /** One sentence for each broken rule, beginning with the field as it is on the wire. */
  readonly errors: readonly string[];
}

/** 409: this event id was used before for an event that says something else. The first one counts. */
export interface EventIdConflict extends Failure {
  readonly type: 'event_id_conflict';
}

/** 413: the event, or the batch, is larger than the server takes. */
export interface PayloadTooLarge extends Failure {
  readonly type: 'payload_too_large';
}

/** 429 on the last attempt, or with a `Retry-After` above what the client waits for. */
export interface RateLimited extends Failure {
  readonly type: 'rate_limited';
  /** Seconds, from `Retry-After`; `null` where the header is missing or says nothing. */
  readonly retryAfter: number | null;
}

/** The server answered each attempt with 408, 425, 500, 502, 503 or 504. */
export interface MaxRetriesExceeded extends Failure {
  readonly type: 'max_retries_exceeded';
  readonly lastStatusCode: number;
}

/** No answer came: refused, cut off, no such host, or slower than `timeoutMs`. */
export interface ConnectionError extends Failure {
  readonly type: 'connection_error';
  readonly statusCode: null;
}

/** A redirect, which would carry the key elsewhere, or an answer that no Headwater gives. */
export interface UnexpectedResponse extends Failure {
  readonly type: 'unexpected_response';
}

/** The next wait or attempt did not fit into `deadlineMs`. */
export interface DeadlineExceeded extends Failure {
  readonly type: 'deadline_exceeded';
}

/** The caller's AbortSignal. The server may have counted the event all the same. */
export interface Aborted extends Failure {
  readonly type: 'aborted';
}

/** The background queue holds as much as it may; nothing was recorded. */
export interface QueueFull extends Failure {
  readonly type: 'queue_full';
}

/** The client was closed, and this event is not delivered. */
export interface ClientClosed extends Failure {
  readonly type: 'client_closed';
}

/** Whatever can become of a tracked event other than its acceptance. */
export type TrackingError =
  | ConfigurationError
  | AuthenticationError
  | AuthorizationError
  | StartupNotFound
  | ValidationError
  | EventIdConflict
  | PayloadTooLarge
  | RateLimited
  | MaxRetriesExceeded
  | ConnectionError
  | UnexpectedResponse
  | DeadlineExceeded
  | Aborted
  | QueueFull
  | ClientClosed;

/** The value, or the error as a value: no call of the tracking client throws. */
export type Result<T, E = TrackingError> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

/** What was found out before any request. */
export const beforeAnyRequest = { statusCode: null, attempts: 0, retryable: false } as const;

export function configurationError(message: string): ConfigurationError {
  return { type: 'configuration_error', message, ...beforeAnyRequest };
}

export function invalid(errors: readonly string[]): ValidationError {
  return {
    type: 'validation_error',
    message: errors[0] ?? 'Validation failed',
    errors,
    ...beforeAnyRequest,
  };
}

/** Cuts what `JSON.parse` and the network bring into the form of words that `message` promises. */
export function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
