import { day, hour, minute, second } from './clock.ts';

/** A length of time by the calendar (UTC): `{ months: 1 }` from 31 January is the last day of February. */
export interface Period {
  readonly years?: number | undefined;
  readonly months?: number | undefined;
  readonly weeks?: number | undefined;
  readonly days?: number | undefined;
  readonly hours?: number | undefined;
  readonly minutes?: number | undefined;
  readonly seconds?: number | undefined;
}

const unitMilliseconds = {
  weeks: 7 * day,
  days: day,
  hours: hour,
  minutes: minute,
  seconds: second,
} as const;
const units = ['years', 'months', ...Object.keys(unitMilliseconds)];

/** Beyond it a number is a mistake: a thousand years in seconds have eleven digits. */
const amountMax = 99_999_999_999;
/** What four digits of a year can say. */
const earliest = Date.parse('0001-01-01T00:00:00Z');
const latest = Date.UTC(9999, 11, 31);

/** What is wrong with a period; a caller without types is answered too. */
export function periodProblem(period: unknown): string | undefined {
  if (typeof period !== 'object' || period === null || Array.isArray(period))
    return 'must be a period such as { days: 7 }';
  const parts = Object.entries(period).filter(([, amount]) => amount !== undefined);
  if (parts.some(([unit]) => !units.includes(unit)))
    return `must have units of ${units.join(', ')}`;
  const amounts = parts.map(([, amount]) => amount as number);
  if (amounts.some((amount) => !Number.isSafeInteger(amount) || amount < 0 || amount > amountMax))
    return 'must have whole numbers that are not negative';
  return amounts.some((amount) => amount > 0) ? undefined : 'must be longer than nothing';
}

/** The instant a period after another, or before it; `undefined` outside of the years 1 to 9999. Units from the largest to the smallest. */
export function movePeriod(
  from: number,
  period: Period,
  direction: 1 | -1 = 1,
): number | undefined {
  const months = direction * ((period.years ?? 0) * 12 + (period.months ?? 0));
  let at = moveMonths(from, months);
  for (const [unit, length] of Object.entries(unitMilliseconds))
    at += direction * (period[unit as keyof typeof unitMilliseconds] ?? 0) * length;
  return at >= earliest && at <= latest ? at : undefined;
}

/** A day that the month does not have is its last one. */
function moveMonths(from: number, months: number): number {
  if (months === 0) return from;
  const date = new Date(from);
  const dayOfMonth = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(dayOfMonth, lastDay));
}
