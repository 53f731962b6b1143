import { second } from '../kernel/clock.ts';
import type { TimeFormat } from './event-mapping.ts';

/**
 * A time as exports write it: ISO 8601 with a blank or a T, down to days or nanoseconds, or a count since 1970.
 * `undefined` for what is none, or does not exist.
 *
 * @param zone of times that name none
 */
export function parseInstant(text: string, format: TimeFormat, zone: string): Date | undefined {
  if (format === 'iso') return parseIso(text, zone);
  const unit = format === 'unix_seconds' ? second : 1;
  if (!/^\d{1,15}(?:\.\d+)?$/.test(text)) return undefined;
  return validDate(Math.round(Number(text) * unit));
}

const isoPattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(Z|UTC|[+-]\d{2}(?::?\d{2})?))?)?$/i;

function parseIso(text: string, zone: string): Date | undefined {
  const match = isoPattern.exec(text);
  if (match === null) return undefined;
  const [
    ,
    year,
    month,
    dayOfMonth,
    hours = '00',
    minutes = '00',
    seconds = '00',
    fraction = '',
    own = zone,
  ] = match;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(dayOfMonth));
  // 31 February would roll over into March.
  const exists =
    new Date(midnight).getUTCDate() === Number(dayOfMonth) &&
    new Date(midnight).getUTCMonth() === Number(month) - 1 &&
    Number(hours) <= 23 &&
    Number(minutes) <= 59 &&
    Number(seconds) <= 60;
  if (!exists) return undefined;
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
  const local = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * second;
  return validDate(midnight + local + milliseconds - offsetOf(own));
}

function offsetOf(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (match === null) return 0;
  const [, sign, hours, minutes = '0'] = match;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 * second;
  return sign === '-' ? -offset : offset;
}

function validDate(milliseconds: number): Date | undefined {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
