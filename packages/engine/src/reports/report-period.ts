import { day, second } from '../kernel/clock.ts';
import { findTimeZone } from './time-zone.ts';
import type { TimeZone } from './time-zone.ts';

/** From an instant up to another one, which is not part of it. Milliseconds. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** What every report takes. */
export interface PeriodInput {
  /** An instant, or a day `2026-11-01` in the zone. @default the beginning of the first of the last `days` */
  readonly from?: Date | string | undefined;
  /** An instant, which is not part of the period, or a day, which is. @default now */
  readonly to?: Date | string | undefined;
  /** Without `from`: so many days of the zone, that of `to` among them, 1 to 7,320. @default 30 */
  readonly days?: number | undefined;
  /** An IANA zone, in which days begin. @default the workspace's */
  readonly timezone?: string | undefined;
}

export type FieldProblems = Record<string, string[]>;

const daysDefault = 30;
const daysMax = 7_320;
const timeZoneProblem = 'must be an IANA time zone, for example Europe/Berlin';
export const periodProblem = 'must be a day such as 2026-11-01, or a time as in RFC 3339';

/** Later than anything that happens. Milliseconds. */
export const endOfTime = Date.UTC(9999, 0, 1);

/**
 * Reads the period of a report. Where something is wrong with it, that is among the problems, by its field, and the
 * period means nothing.
 */
export function readPeriod(
  input: PeriodInput,
  { now, timezone: fallback }: { readonly now: number; readonly timezone: string },
  problems: FieldProblems,
): Period & { readonly timezone: string } {
  const timezone = input.timezone ?? fallback;
  const zone = findTimeZone(timezone);
  if (zone === undefined) {
    problems['timezone'] = [timeZoneProblem];
    return { from: Number.NaN, to: Number.NaN, timezone };
  }
  const read = (field: 'from' | 'to', daysLater: number): number | undefined => {
    const given = input[field];
    if (given === undefined) return undefined;
    const at = toInstant(given, zone, daysLater);
    if (at === undefined) problems[field] = [periodProblem];
    return at ?? Number.NaN;
  };
  // Up to now, and what has just happened is part of it.
  const to = read('to', 1) ?? (Math.floor(now / second) + 1) * second;
  const days = readDays(input, problems);
  const from = read('from', 0) ?? firstOfDays(days, to, zone);
  if (from >= to) problems['from'] ??= ['must be before to'];
  return { from, to, timezone };
}

function readDays({ days = daysDefault }: PeriodInput, problems: FieldProblems): number {
  if (Number.isSafeInteger(days) && days >= 1 && days <= daysMax) return days;
  problems['days'] = [`must be a whole number from 1 to ${daysMax}`];
  return Number.NaN;
}

/** The period of the same length that ends where this one begins. */
export function periodBefore({ from, to }: Period): Period {
  return { from: from - (to - from), to: from };
}

/** When the first of so many days begins, the last of which has the last moment before `to`. */
function firstOfDays(days: number, to: number, zone: TimeZone): number {
  if (Number.isNaN(days) || Number.isNaN(to)) return Number.NaN;
  const lastDay = Math.floor(zone.toLocal(to - 1) / day) * day;
  return zone.toInstant(lastDay - (days - 1) * day);
}

function toInstant(given: Date | string, zone: TimeZone, daysLater: number): number | undefined {
  if (given instanceof Date) return Number.isNaN(given.getTime()) ? undefined : given.getTime();
  if (typeof given !== 'string') return undefined;
  if (dayPattern.test(given)) {
    const utc = Date.parse(given);
    // There is no 31st of November.
    const exists = !Number.isNaN(utc) && new Date(utc).toISOString().startsWith(given);
    return exists ? zone.toInstant(utc + daysLater * day) : undefined;
  }
  if (!instantPattern.test(given)) return undefined;
  const at = Date.parse(given);
  return Number.isNaN(at) ? undefined : at;
}

const dayPattern = /^\d{4}-\d\d-\d\d$/;
// RFC 3339 §5.6; seconds may be left out.
const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** Whether a text has the form of a day or of an instant. */
export function isPeriodText(text: string): boolean {
  return dayPattern.test(text) || instantPattern.test(text);
}
