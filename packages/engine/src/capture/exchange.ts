/**
 * A request and its answer, free of any transport: the node adapter and the web-standard handler both make them, so
 * that the redirect and the beacons pay for neither `Request` nor a framework.
 */
export interface IncomingRequest {
  readonly method: string;
  /** Path and query as they arrived: `/launch?utm_source=x`. */
  readonly target: string;
  /** Lower case, with the port where it is not the scheme's. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly remoteAddress: string | undefined;
  /** The value of a header, several joined by ", "; names in lower case. */
  header(name: string): string | undefined;
  /** The whole body. @throws {BodyTooLargeError} more than `limit` bytes. */
  body(limit: number): Promise<Uint8Array>;
}

export interface OutgoingResponse {
  readonly status: number;
  /** Names in lower case; `set-cookie` may appear several times. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  readonly body?: string | Uint8Array;
}

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}
