import type { FieldProblem } from './map-row.ts';
import { isRecord } from './event-mapping.ts';
import { parseInstant } from './parse-instant.ts';

type Row = Readonly<Record<string, unknown>>;

/** Reads the columns of one row, and collects what is wrong with them. Of several names the first that the row has. */
export interface RowReader {
  readonly problems: readonly FieldProblem[];
  /** `undefined` for what is absent, null, or an empty cell. */
  text(...names: readonly string[]): string | undefined;
  required(...names: readonly string[]): string;
  time(...names: readonly string[]): Date | undefined;
  requiredTime(...names: readonly string[]): Date;
  count(...names: readonly string[]): number | undefined;
  truth(...names: readonly string[]): boolean | undefined;
  /** An object of JSON: from NDJSON as it is, from CSV as its text. */
  object(...names: readonly string[]): Readonly<Record<string, unknown>>;
  report(field: string, problem: string | undefined): void;
}

export function readColumns(row: Row): RowReader {
  const problems: FieldProblem[] = [];
  const report = (field: string, message: string | undefined): void => {
    if (message !== undefined) problems.push({ field, message });
  };
  const find = (names: readonly string[]): unknown => {
    const value = names.map((name) => row[name]).find((one) => one !== undefined);
    return value === '' || value === null ? undefined : value;
  };
  const text = (...names: readonly string[]): string | undefined => {
    const value = find(names);
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'bigint') return String(value);
    report(names[0]!, 'must be a text');
    return undefined;
  };
  const time = (...names: readonly string[]): Date | undefined => {
    const value = text(...names);
    if (value === undefined) return undefined;
    // Times without a zone are UTC in both systems.
    const at = parseInstant(value, 'iso', 'Z');
    if (at === undefined) report(names[0]!, 'must be a time, for example 2026-12-31 23:59:59');
    return at;
  };
  return {
    problems,
    report,
    text,
    time,
    requiredTime(...names) {
      const at = time(...names);
      if (at === undefined && find(names) === undefined) report(names[0]!, 'is required');
      return at ?? new Date(0);
    },
    required(...names) {
      const value = text(...names);
      if (value === undefined) report(names[0]!, 'is required');
      return value ?? '';
    },
    count(...names) {
      const value = text(...names);
      if (value === undefined) return undefined;
      if (/^\d{1,9}$/.test(value)) return Number(value);
      report(names[0]!, 'must be a whole number');
      return undefined;
    },
    truth(...names) {
      const value = find(names);
      if (value === undefined) return undefined;
      if (value === true || value === 't' || value === 'true') return true;
      if (value !== false && value !== 'f' && value !== 'false')
        report(names[0]!, 'must be true or false');
      return false;
    },
    object(...names) {
      const value = find(names);
      const parsed = typeof value === 'string' ? parseJson(value) : value;
      if (parsed === undefined && value === undefined) return {};
      if (isRecord(parsed)) return parsed;
      report(names[0]!, 'must be an object of JSON');
      return {};
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
