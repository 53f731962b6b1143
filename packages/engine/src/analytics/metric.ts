/** Counted by when events happened. */
export const eventMetrics = ['people', 'pageviews', 'events'] as const;
/** Counted by when visits began. */
export const visitMetrics = [
  'sessions',
  'bounces',
  'engaged',
  'bounce_rate',
  'engaged_rate',
  'avg_duration',
] as const;
/** Counted by when somebody converted. */
export const conversionMetrics = [
  'conversions',
  'leads',
  'sales',
  'buyers',
  'revenue',
  'conversion_rate',
] as const;

export type EventMetric = (typeof eventMetrics)[number];
export type VisitMetric = (typeof visitMetrics)[number];
export type ConversionMetric = (typeof conversionMetrics)[number];
export type Metric = EventMetric | VisitMetric | ConversionMetric;

export const metrics: readonly Metric[] = [...eventMetrics, ...visitMetrics, ...conversionMetrics];

export function isVisitMetric(metric: Metric): metric is VisitMetric {
  return (visitMetrics as readonly string[]).includes(metric);
}

export function isConversionMetric(metric: Metric): metric is ConversionMetric {
  return (conversionMetrics as readonly string[]).includes(metric);
}

/** GoodAnalytics' names. */
export const metricAliases: Readonly<Record<string, Metric>> = {
  users: 'people',
  visitors: 'people',
};
