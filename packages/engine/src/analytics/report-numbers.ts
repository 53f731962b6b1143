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
  for (const metric of wanted) numbers[metric] = valueOf[metric](activity, conversions);
  return numbers;
}

const valueOf: Readonly<
  Record<Metric, (activity: Tallied | undefined, conversions: TalliedConversions) => MetricValue>
> = {
  people: (activity) => activity?.people ?? 0,
  pageviews: (activity) => activity?.pageviews ?? 0,
  events: (activity) => activity?.events ?? 0,
  sessions: (activity) => activity?.sessions ?? 0,
  bounces: (activity) => activity?.bounces ?? 0,
  engaged: (activity) => activity?.engaged ?? 0,
  bounce_rate: (activity) => part(activity?.bounces, activity?.sessions),
  engaged_rate: (activity) => part(activity?.engaged, activity?.sessions),
  avg_duration: (activity) => part(activity?.seconds, activity?.sessions),
  conversions: (_, { conversions }) => conversions,
  leads: (_, { leads }) => leads,
  sales: (_, { sales }) => sales,
  buyers: (_, { buyers }) => buyers,
  revenue: (_, { revenue }) => revenue,
  conversion_rate: (activity, { buyers }) => part(buyers, activity?.people),
};

function part(of: number | undefined, whole: number | undefined): number | null {
  return whole === undefined || whole === 0 ? null : (of ?? 0) / whole;
}
