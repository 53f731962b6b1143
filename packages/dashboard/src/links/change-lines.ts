import { nothing } from '../format/number.ts';
import { t } from '../messages/messages.ts';

export interface ChangeLine {
  readonly field: string;
  readonly words: string;
}

/** What has changed, in a line for each field. */
export function changeLines(changes: Readonly<Record<string, unknown>>): readonly ChangeLine[] {
  return Object.entries(changes).map(([field, change]) => {
    if (!isChange(change)) return { field, words: valueWords(change) };
    return { field, words: t.linkHistory.fromTo(valueWords(change.from), valueWords(change.to)) };
  });
}

function isChange(value: unknown): value is { readonly from?: unknown; readonly to?: unknown } {
  return typeof value === 'object' && value !== null && ('from' in value || 'to' in value);
}

/** Documents are long: their beginning tells which one it is. */
const lengthMax = 160;

export function valueWords(value: unknown): string {
  if (value === null || value === undefined || value === '') return nothing;
  if (Array.isArray(value) && value.every((part) => typeof part === 'string'))
    return value.length === 0 ? nothing : value.join(', ');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
}
