/** A fault: a bug, an outage or a bad configuration. Refusals that a contract names are values instead. */
export class HeadwaterError extends Error {
  override readonly name: string = 'HeadwaterError';
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The options or the environment cannot work; the message says what to change. */
export class ConfigurationError extends HeadwaterError {
  override readonly name = 'ConfigurationError';

  constructor(message: string, options?: { cause?: unknown }) {
    super('configuration', message, options);
  }
}

/** The database or the bounded queue cannot take more now; the caller may send the same again later. */
export class UnavailableError extends HeadwaterError {
  override readonly name = 'UnavailableError';
  readonly retryAfterSeconds: number;

  constructor(message: string, options: { retryAfterSeconds: number; cause?: unknown }) {
    super('unavailable', message, options);
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
