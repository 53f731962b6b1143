/**
 * Refusals are values, faults are exceptions: an outcome that the caller must expect comes back as
 * `{ ok: false, code }`; a bug, an outage or a bad configuration throws.
 */
export type Result<T, R extends Refusal> = { readonly ok: true; readonly value: T } | R;

export interface Refusal {
  readonly ok: false;
  /** Stable, documented in `docs/errors.md`. */
  readonly code: string;
  /** For people; names the field and the rule. */
  readonly message: string;
  /** Messages by field, where the refusal is about input. */
  readonly errors?: Readonly<Record<string, readonly string[]>>;
}

/** What was asked for. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** An outcome that the contract names: its code, words for people, and the fields that broke a rule. */
export function refuse<C extends string>(
  code: C,
  message: string,
  errors?: Readonly<Record<string, readonly string[]>>,
): Refusal & { readonly code: C } {
  return errors === undefined ? { ok: false, code, message } : { ok: false, code, message, errors };
}

/** Unwraps a result; a refusal is thrown as {@link RefusedError}. */
export function orThrow<T>(result: Result<T, Refusal>): T {
  if (result.ok) return result.value;
  throw new RefusedError(result);
}

/** Thrown by {@link orThrow} only. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: string;
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.code = refusal.code;
    this.refusal = refusal;
  }
}
