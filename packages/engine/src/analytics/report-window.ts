import { refuse } from '../kernel/result.ts';
import type { InvalidQuery } from '../kernel/page.ts';
import type { Interval } from './interval.ts';
import { bucketsMax, chooseInterval, intervalNames, intervals } from './interval.ts';
import { cutIntoBuckets } from './time-buckets.ts';
import { readPeriod } from '../reports/report-period.ts';
import type { FieldProblems, PeriodInput } from '../reports/report-period.ts';
import { findTimeZone } from '../reports/time-zone.ts';

/** A period that is cut to whole seconds. Milliseconds. */
export interface ReportWindow {
  readonly from: number;
  readonly to: number;
}

/** The longest window: what a report walks through grows with it. */
const yearsMax = 20;

/** Reads the period of a report; where it means nothing, the problems say why. */
export function readWindow(
  input: PeriodInput,
  asked: { readonly now: number; readonly timezone: string },
  problems: FieldProblems,
): ReportWindow & { readonly timezone: string } {
  const { from, to, timezone } = readPeriod(input, asked, problems);
  const window = { from: wholeSeconds(from), to: wholeSeconds(to), timezone };
  if (window.from >= window.to) problems['from'] ??= ['must be before to'];
  if (window.to - window.from > yearsMax * 366 * intervals['1d'])
    problems['from'] ??= [`must be at most ${yearsMax} years before to`];
  return window;
}

function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000) * 1_000;
}

/** The same length, right before. */
export function windowBefore({ from, to }: ReportWindow): ReportWindow {
  return { from: from - (to - from), to: from };
}

export interface Buckets {
  readonly interval: Interval;
  readonly timezone: string;
  /** Where each begins; the last one is where the last bucket ends. */
  readonly edges: readonly number[];
}

export function readBuckets(
  window: ReportWindow,
  { interval, timezone }: { readonly interval?: string | undefined; readonly timezone: string },
  problems: FieldProblems,
): Buckets | undefined {
  const zone = findTimeZone(timezone);
  if (interval !== undefined && !isInterval(interval))
    problems['interval'] = [`must be one of ${intervalNames.join(', ')}`];
  if (Object.keys(problems).length > 0 || zone === undefined) return undefined;
  const chosen = (interval as Interval | undefined) ?? chooseInterval(window.to - window.from);
  const edges = cutIntoBuckets(window, chosen, zone, bucketsMax);
  if (edges !== undefined) return { interval: chosen, timezone, edges };
  problems['interval'] = [
    `is too small for the window: there would be more than ${bucketsMax} buckets`,
  ];
  return undefined;
}

function isInterval(text: string): text is Interval {
  return Object.hasOwn(intervals, text);
}

export function invalidQuery(problems: FieldProblems): InvalidQuery {
  const [field, messages] = Object.entries(problems)[0]!;
  return refuse('invalid_query', `${field} ${messages[0]}.`, problems);
}
