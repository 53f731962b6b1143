import type { Dayjs } from 'dayjs';

import { dayjs } from '../format/zoned-day.ts';

/** The periods that have a name, in the order in which they are offered. */
export const periodNames = [
  'today',
  'yesterday',
  '7d',
  '30d',
  '90d',
  'month',
  'last_month',
  'year',
  '12mo',
] as const;

export type PeriodName = (typeof periodNames)[number];

export interface Period {
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** The days of the period in the zone, both part of it. */
  readonly firstDay: string;
  readonly lastDay: string;
}

/**
 * A named period in a zone, up to the hour that is running: so the period before it, which is as long, is a fair
 * comparison also while the last day is not over.
 */
export function namedPeriod(name: PeriodName, now: Date, zone: string): Period {
  const here = dayjs(now).tz(zone);
  const today = here.startOf('day');
  const untilNow = new Date(Math.ceil((now.getTime() + 1) / 3_600_000) * 3_600_000);
  const between = (from: Dayjs, to: Date): Period => ({
    from: from.toDate(),
    to,
    firstDay: from.format('YYYY-MM-DD'),
    lastDay: dayjs(to.getTime() - 1)
      .tz(zone)
      .format('YYYY-MM-DD'),
  });
  switch (name) {
    case 'today':
      return between(today, untilNow);
    case 'yesterday':
      return between(dayAt(today, -1, zone), today.toDate());
    case '7d':
      return between(dayAt(today, -6, zone), untilNow);
    case '30d':
      return between(dayAt(today, -29, zone), untilNow);
    case '90d':
      return between(dayAt(today, -89, zone), untilNow);
    case 'month':
      return between(midnight(here.format('YYYY-MM-01'), zone), untilNow);
    case 'last_month': {
      const first = midnight(here.format('YYYY-MM-01'), zone);
      const before = dayjs(first.subtract(12, 'hour').toDate()).tz(zone);
      return between(midnight(before.format('YYYY-MM-01'), zone), first.toDate());
    }
    case 'year':
      return between(midnight(here.format('YYYY-01-01'), zone), untilNow);
    case '12mo': {
      const start = here.subtract(11, 'month');
      return between(midnight(start.format('YYYY-MM-01'), zone), untilNow);
    }
  }
}

/** From the beginning of one day to the end of another one, in the zone. */
export function periodOfDays(firstDay: string, lastDay: string, zone: string): Period {
  const from = midnight(firstDay, zone);
  return {
    from: from.toDate(),
    to: dayAt(midnight(lastDay, zone), 1, zone).toDate(),
    firstDay,
    lastDay,
  };
}

/** The same length of time, right before. */
export function periodBefore({ from, to }: Pick<Period, 'from' | 'to'>): {
  readonly from: Date;
  readonly to: Date;
} {
  return { from: new Date(2 * from.getTime() - to.getTime()), to: from };
}

export function isDay(text: unknown): text is string {
  return typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text) && dayjs(text).isValid();
}

function midnight(day: string, zone: string): Dayjs {
  return dayjs.tz(`${day}T00:00:00`, zone);
}

/** Days are 23 or 25 hours long when the clocks change, so they are counted by their dates. */
function dayAt(day: Dayjs, offset: number, zone: string): Dayjs {
  const date = dayjs.utc(day.format('YYYY-MM-DD')).add(offset, 'day').format('YYYY-MM-DD');
  return midnight(date, zone);
}
