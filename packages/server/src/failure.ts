/** Exit codes that scripts can rely on. */
export const exitCodes = { done: 0, failed: 1, misused: 2, interrupted: 130 } as const;

/** Ends a command with a message for the person at the terminal, and no stack trace. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed, options?: { cause?: unknown }) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** What to print when a command ends with an error, and whether it was one that operators have to expect. */
export function explainFailure(error: unknown): {
  readonly message: string;
  readonly expected: boolean;
} {
  if (error instanceof CommandFailure) return { message: error.message, expected: true };
  if (isUnreachable(error))
    return { message: `The database cannot be reached: ${reasonOf(error)}`, expected: true };
  if (!(error instanceof Error)) return { message: String(error), expected: false };
  const code = (error as { code?: unknown }).code;
  if (
    error.name.endsWith('Error') &&
    error.name !== 'Error' &&
    typeof code === 'string' &&
    !(error instanceof TypeError)
  ) {
    // Faults of the engine, and refusals of the file system, say in their message what to do.
    return { message: error.message, expected: true };
  }
  if (isSystemError(error)) return { message: error.message, expected: true };
  return { message: error.message, expected: false };
}

const unreachableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
]);

/** Whether the database did not answer at all, so that trying again later makes sense. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') {
    if (unreachableCodes.has(code)) return true;
    // Class 08 is a lost connection, 57P01 to 57P03 a server that stops or starts, 53300 one without a free slot.
    if (/^(?:08|57P0[123]|53300)/.test(code)) return true;
  }
  if (error instanceof AggregateError) return error.errors.some(isUnreachable);
  if (/^(?:Connection terminated|timeout exceeded when trying to connect)/.test(error.message))
    return true;
  return isUnreachable(error.cause);
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message || error.name : String(error);
}

function isSystemError(error: Error): boolean {
  return typeof (error as { syscall?: unknown }).syscall === 'string';
}
