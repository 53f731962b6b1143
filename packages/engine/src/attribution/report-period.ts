import { day, minute } from '../kernel/clock.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';

/** From an instant up to another one, which is not part of it. Milliseconds. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

export interface PeriodInput {
  /** An instant, or a day `2026-11-01` in the zone. @default 30 days before `to` */
  readonly from?: Date | string | undefined;
  /** An instant, which is not part of the period, or a day, which is. @default now */
  readonly to?: Date | string | undefined;
  /** An IANA zone. @default the workspace's */
  readonly timezone?: string | undefined;
}

const daysDefault = 30;

/** Later than anything that happens. Milliseconds. */
export const endOfTime = Date.UTC(9999, 0, 1);

/** Reads the period of a report. */
export function readPeriod(
  input: PeriodInput,
  { now, timezone: fallback }: { readonly now: number; readonly timezone: string },
): Result<Period & { readonly timezone: string }, ValidationRefusal> {
  const timezone = input.timezone ?? fallback;
  if (!isZone(timezone))
    return refuseFields({ timezone: ['must be an IANA time zone, for example Europe/Berlin'] });
  const errors: Record<string, string[]> = {};
  const read = (field: 'from' | 'to', days: number): number | undefined => {
    const given = input[field];
    if (given === undefined) return undefined;
    const at = toInstant(given, timezone, days);
    if (at === undefined)
      errors[field] = ['must be a day such as 2026-11-01, or a time as in RFC 3339'];
    return at;
  };
  const to = read('to', 1) ?? now;
  const from = read('from', 0) ?? to - daysDefault * day;
  if (Object.keys(errors).length === 0 && from >= to) errors['from'] = ['must be before `to`'];
  return Object.keys(errors).length === 0 ? ok({ from, to, timezone }) : refuseFields(errors);
}

/** The period of the same length that ends where this one begins. */
export function periodBefore({ from, to }: Period): Period {
  return { from: from - (to - from), to: from };
}

function toInstant(given: Date | string, zone: string, daysLater: number): number | undefined {
  if (given instanceof Date) return Number.isNaN(given.getTime()) ? undefined : given.getTime();
  if (typeof given !== 'string') return undefined;
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(given) ?? [];
  if (year !== undefined) {
    const utc = Date.UTC(Number(year), Number(month) - 1, Number(date));
    // The 31st of November is no day.
    if (new Date(utc).toISOString().slice(0, 10) !== given) return undefined;
    return startOfDay(utc + daysLater * day, zone);
  }
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(given)) return undefined;
  const at = Date.parse(given);
  return Number.isNaN(at) ? undefined : at;
}

/**
 * When a day begins in a zone, given as midnight UTC of its date. Where midnight is skipped by a change of the clock,
 * it is the first moment after it.
 */
function startOfDay(utcMidnight: number, zone: string): number {
  // The offset before and after the day, so that a change of the clock near midnight is seen.
  const candidates = [utcMidnight - day, utcMidnight + day]
    .map((near) => utcMidnight - offsetAt(near, zone))
    .filter((at) => at + offsetAt(at, zone) >= utcMidnight);
  return Math.min(...candidates);
}

/** By how much the zone's clock is ahead of UTC, in milliseconds. */
function offsetAt(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(at);
  const part = (type: string): number =>
    Number(parts.find((each) => each.type === type)?.value ?? 0);
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
  );
  return local - Math.floor(at / minute) * minute;
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
