import type { Money } from '../kernel/money.ts';
import type { TalliedConversions } from './conversion-tally.ts';
import { noConversions } from './conversion-tally.ts';
import type { Metric } from './metric.ts';
import type { Tallied } from './tally.ts';

/** What a report says of one metric: a number, money by currency, or nothing where there is nothing to divide by. */
export type MetricValue = number | null | readonly Money[];

export type ReportNumbers = Readonly<Partial<Record<Metric, MetricValue>>>;

/** The metrics of one group, from what was counted. */
export function reportNumbers(
  wanted: readonly Metric[],
  activity: Tallied | undefined,
  conversions: TalliedConversions = noConversions,
): ReportNumbers {
  const numbers: Partial<Record<Metric, MetricValue>> = {};
  for (const metric of wanted) numbers[metric] = valueOf(metric, activity, conversions);
  return numbers;
}

function valueOf(
  metric: Metric,
  activity: Tallied | undefined,
  conversions: TalliedConversions,
): MetricValue {
  const sessions = activity?.sessions ?? 0;
  const values: Readonly<Record<Metric, () => MetricValue>> = {
    people: () => activity?.people ?? 0,
    pageviews: () => activity?.pageviews ?? 0,
    events: () => activity?.events ?? 0,
    sessions: () => sessions,
    bounces: () => activity?.bounces ?? 0,
    engaged: () => activity?.engaged ?? 0,
    bounce_rate: () => part(activity?.bounces, sessions),
    engaged_rate: () => part(activity?.engaged, sessions),
    avg_duration: () => part(activity?.seconds, sessions),
    conversions: () => conversions.conversions,
    leads: () => conversions.leads,
    sales: () => conversions.sales,
    buyers: () => conversions.buyers,
    revenue: () => conversions.revenue,
    conversion_rate: () => part(conversions.buyers, activity?.people ?? 0),
  };
  return values[metric]();
}

function part(of: number | undefined, whole: number): number | null {
  return whole === 0 ? null : (of ?? 0) / whole;
}
