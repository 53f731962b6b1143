import { day } from '../kernel/clock.ts';
import type { FieldErrors } from '../kernel/validation.ts';

/** People who enter from `from` until before `to`. */
export interface FunnelPeriod {
  readonly from: Date;
  readonly to: Date;
}

const daysMax = 731;

/** What is wrong with a period, by its fields. */
export function checkPeriod({ from, to }: FunnelPeriod): FieldErrors {
  const errors: Record<string, string[]> = {};
  if (!isTime(from)) errors['from'] = ['must be a time'];
  if (!isTime(to)) errors['to'] = ['must be a time'];
  if (Object.keys(errors).length > 0) return errors;
  if (from >= to) return { to: ['must be later than from'] };
  return to.getTime() - from.getTime() > daysMax * day
    ? { to: [`must be at most ${daysMax} days after from`] }
    : {};
}

function isTime(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime());
}
