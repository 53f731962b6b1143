import { day } from '../kernel/clock.ts';
import { readPeriod } from '../reports/report-period.ts';
import type { FieldProblems, PeriodInput } from '../reports/report-period.ts';

/** People who enter from `from` until before `to`. */
export interface FunnelPeriod {
  readonly from: Date;
  readonly to: Date;
}

const daysMax = 731;

/** Reads the period of a funnel; where it means nothing, the problems say why. */
export function readFunnelPeriod(
  input: PeriodInput,
  asked: { readonly now: number; readonly timezone: string },
  problems: FieldProblems,
): FunnelPeriod {
  const { from, to } = readPeriod(input, asked, problems);
  if (to - from > daysMax * day) problems['to'] ??= [`must be at most ${daysMax} days after from`];
  return { from: new Date(from), to: new Date(to) };
}
