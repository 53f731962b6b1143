import type { ErrorResponse } from './api-types.ts';

/** The API refused a request, or could not answer it; thrown by every call of `createApi`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** Stable; what each means is in Headwater's `docs/errors.md`. `undefined` where the answer is none of Headwater's. */
  readonly code: ErrorResponse['code'] | undefined;
  /** Messages by field, where fields broke their rules. */
  readonly errors: Readonly<Record<string, readonly string[]>>;
  /** Of the header `X-Request-Id`. */
  readonly requestId: string | undefined;
  /** Seconds, of the header `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  /** @internal */
  constructor(facts: {
    status: number;
    message: string;
    code: ErrorResponse['code'] | undefined;
    errors: Readonly<Record<string, readonly string[]>> | undefined;
    requestId: string | undefined;
    retryAfterSeconds: number | undefined;
  }) {
    super(facts.message);
    this.status = facts.status;
    this.code = facts.code;
    this.errors = facts.errors ?? {};
    this.requestId = facts.requestId;
    this.retryAfterSeconds = facts.retryAfterSeconds;
  }
}

/** No answer came, however often it was tried: refused, cut off, timed out, or ended by the caller's signal. */
export class ApiConnectionError extends Error {
  override readonly name = 'ApiConnectionError';
}
