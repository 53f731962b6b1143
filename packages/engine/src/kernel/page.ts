import { isUuid } from './id.ts';
import { ok, refuse } from './result.ts';
import type { Refusal, Result } from './result.ts';

/** What every list takes. */
export interface PageInput {
  /** 1 to 200. */
  readonly limit?: number | undefined;
  /** @default 0 */
  readonly offset?: number | undefined;
  /** `nextCursor` of the page before; unlike `offset` it neither slows down nor skips. */
  readonly cursor?: string | undefined;
}

/** The same, checked. */
export interface Page<Cursor> {
  readonly limit: number;
  readonly offset: number;
  readonly before: Cursor | undefined;
}

/** Where a list in the order of (time, id) goes on. */
export interface TimeCursor {
  readonly at: Date;
  readonly id: string;
}

export type InvalidQuery = Refusal & { readonly code: 'invalid_query' };

const limitMax = 200;
const offsetMax = Number.MAX_SAFE_INTEGER;

/** Reads what a list was asked for; `errors` are those that its other fields have. */
export function readPage<Cursor>(
  input: PageInput,
  limitDefault: number,
  readCursor: (cursor: string) => Cursor | undefined,
  errors: Record<string, string[]> = {},
): Result<Page<Cursor>, InvalidQuery> {
  const { limit = limitDefault, offset = 0, cursor } = input;
  if (!isWholeNumber(limit, 1, limitMax)) errors['limit'] = [`must be 1 to ${limitMax}`];
  if (!isWholeNumber(offset, 0, offsetMax)) errors['offset'] = ['must be 0 or more'];
  const before = typeof cursor === 'string' ? readCursor(cursor) : undefined;
  if (cursor !== undefined && before === undefined)
    errors['cursor'] = ['is not a cursor of this list'];
  const [problem] = Object.entries(errors);
  return problem === undefined
    ? ok({ limit, offset, before })
    : refuse('invalid_query', `${problem[0]} ${problem[1][0]}.`, errors);
}

/** The rows of a page and where it goes on, of rows of which one more was asked for. */
export function cutPage<Row>(
  found: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
): { readonly rows: readonly Row[]; readonly nextCursor: string | undefined } {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const goesOn = found.length > limit && last !== undefined;
  return { rows, nextCursor: goesOn ? cursorOf(last) : undefined };
}

export function readIdCursor(cursor: string): string | undefined {
  return isUuid(cursor) ? cursor : undefined;
}

export function readTimeCursor(cursor: string): TimeCursor | undefined {
  const [, time, id] = /^(-?\d{1,15})_(.*)$/.exec(cursor) ?? [];
  return isUuid(id) ? { at: new Date(Number(time)), id } : undefined;
}

export function timeCursorOf(row: { readonly occurredAt: Date; readonly id: string }): string {
  return `${row.occurredAt.getTime()}_${row.id}`;
}

function isWholeNumber(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}
