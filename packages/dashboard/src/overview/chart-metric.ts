/** What the chart can show. */
export const chartMetrics = [
  'people',
  'pageviews',
  'sessions',
  'conversions',
  'leads',
  'sales',
  'revenue',
  'conversion_rate',
  'bounce_rate',
  'avg_duration',
] as const;

export type ChartMetric = (typeof chartMetrics)[number];
