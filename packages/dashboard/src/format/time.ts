import { nothing } from './number.ts';

const cache = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  let format = cache.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone });
    cache.set(key, format);
  }
  return format;
}

/** An instant in the workspace's zone, on one line: `21 Nov 2026, 14:05`. */
export function formatInstant(at: string | null | undefined, zone: string): string {
  if (at == null) return nothing;
  const words = formatOf(zone, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
  return words.replaceAll(' ', '\u00a0');
}

export function formatDay(at: string | Date | null | undefined, zone: string): string {
  if (at == null) return nothing;
  return formatOf(zone, { dateStyle: 'medium' }).format(new Date(at));
}

export function formatTimeOfDay(at: string, zone: string): string {
  return formatOf(zone, { timeStyle: 'medium' }).format(new Date(at));
}

/** The name of a bucket of a time series, as long as its length asks for. */
export function formatBucket(at: string, bucketMs: number, zone: string): string {
  const hour = 3_600_000;
  if (bucketMs < 24 * hour - 2 * hour) {
    return formatOf(zone, {
      day: 'numeric',
      month: 'short',
      hour: 'numeric',
      minute: '2-digit',
    }).format(new Date(at));
  }
  if (bucketMs > 27 * 24 * hour)
    return formatOf(zone, { month: 'short', year: 'numeric' }).format(new Date(at));
  return formatOf(zone, { day: 'numeric', month: 'short' }).format(new Date(at));
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'narrow' });
const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** `3 days ago`. */
export function formatAgo(at: string | null | undefined, now: number): string {
  if (at == null) return nothing;
  const seconds = (new Date(at).getTime() - now) / 1000;
  const step = steps.find(([, length]) => Math.abs(seconds) >= length);
  if (step === undefined) return relative.format(0, 'minute');
  return relative.format(Math.trunc(seconds / step[1]), step[0]);
}
