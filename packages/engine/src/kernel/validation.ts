import { refuse } from './result.ts';
import type { Refusal } from './result.ts';

/** Messages by the name of the field as the caller wrote it; `items[3].price` for nested ones. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;

export type ValidationRefusal = Refusal & { readonly code: 'validation_failed' };

/** The refusal of input that breaks the rules of its fields. */
export function refuseFields(errors: FieldErrors): ValidationRefusal {
  const [field, messages] = Object.entries(errors)[0] ?? ['', []];
  return refuse('validation_failed', `${field} ${messages[0] ?? 'is invalid'}`.trim(), errors);
}

export function refuseField(field: string, message: string): ValidationRefusal {
  return refuseFields({ [field]: [message] });
}

/** The same refusal with other names for its fields; what is not in the table keeps its own. */
export function renameFields(
  refusal: ValidationRefusal,
  names: Readonly<Record<string, string>>,
): ValidationRefusal {
  const entries = Object.entries(refusal.errors ?? {});
  return refuseFields(
    Object.fromEntries(entries.map(([field, messages]) => [names[field] ?? field, messages])),
  );
}
