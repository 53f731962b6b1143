import { minute } from '../kernel/clock.ts';

/** An IANA time zone. Local times are milliseconds too: those that UTC would have at the same reading of the clock. */
export interface TimeZone {
  readonly name: string;
  toLocal(instant: number): number;
  /** Of a reading that a change of the clocks leaves out, the moment of the change; of one that comes twice, the first. */
  toInstant(local: number): number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const formatsMax = 600;

/** `undefined` where there is no zone of that name. */
export function findTimeZone(name: string): TimeZone | undefined {
  const format = formatOf(name);
  if (format === undefined) return undefined;
  const offsetAt = (instant: number): number => readOffset(format, instant);
  return {
    name,
    toLocal: (instant) => instant + offsetAt(instant),
    toInstant(local) {
      // The offset at most a day away on either side; zones do not change their clocks twice in that time.
      const before = offsetAt(local - aDay);
      const after = offsetAt(local + aDay);
      if (before === after) return local - before;
      const first = local - Math.max(before, after);
      for (const instant of [local - before, local - after].sort((one, other) => one - other))
        if (instant + offsetAt(instant) === local) return instant;
      return findChange(first, local - Math.min(before, after), offsetAt);
    },
  };
}

const aDay = 24 * 60 * minute;

/** The moment between two instants at which the offset changes. */
function findChange(from: number, to: number, offsetAt: (instant: number) => number): number {
  const before = offsetAt(from);
  let low = from;
  let high = to;
  while (high - low > 1_000) {
    const middle = Math.floor((low + high) / 2_000) * 1_000;
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** Names only: `+05:30` would be a zone without a place, and so without a summer. */
function formatOf(name: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(name);
  if (known !== undefined) return known;
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(name)) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (formats.size >= formatsMax) formats.clear();
    formats.set(name, format);
    return format;
  } catch {
    return undefined;
  }
}

function readOffset(format: Intl.DateTimeFormat, instant: number): number {
  const parts: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(instant)) parts[type] = value;
  const year = Number(parts['year']) * (parts['era'] === 'BC' ? -1 : 1);
  const local = Date.UTC(
    year,
    Number(parts['month']) - 1,
    Number(parts['day']),
    Number(parts['hour']),
    Number(parts['minute']),
    Number(parts['second']),
  );
  return local - Math.floor(instant / 1_000) * 1_000;
}
