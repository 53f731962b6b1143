import { refuse } from './result.ts';
import type { Refusal } from './result.ts';

/** Messages by the name of the field as the caller wrote it; `items[3].price` for nested ones. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;

export type ValidationRefusal = Refusal & { readonly code: 'validation_failed' };

/** The refusal of input that breaks the rules of its fields. */
export function refuseFields(errors: FieldErrors): ValidationRefusal {
  return refuse('validation_failed', describe(errors), errors);
}

export function refuseField(field: string, message: string): ValidationRefusal {
  return refuseFields({ [field]: [message] });
}

/** The same refusal with other names for its fields; what is not in the table keeps its own. */
export function renameFields<R extends Refusal>(
  refusal: R,
  names: Readonly<Record<string, string>>,
): R {
  if (refusal.errors === undefined) return refusal;
  const rename = (field: string): string => field.replace(/^\w+/, (first) => names[first] ?? first);
  const errors = Object.fromEntries(
    Object.entries(refusal.errors).map(([field, messages]) => [rename(field), messages]),
  );
  return { ...refusal, message: describe(errors), errors };
}

function describe(errors: FieldErrors): string {
  const [field, messages] = Object.entries(errors)[0] ?? ['', []];
  return `${field} ${messages[0] ?? 'is invalid'}`.trim();
}
