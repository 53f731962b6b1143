import {
  formatCompact,
  formatDuration,
  formatMoney,
  formatMoneyCompact,
  formatNumber,
  formatPercent,
  nothing,
} from '../format/number.ts';
import type { ChartMetric } from './chart-metric.ts';

/** A number of a metric; money is in minor units of the workspace's currency. */
export function formatMetric(
  metric: ChartMetric,
  value: number | null | undefined,
  currency: string,
  style: 'full' | 'short' = 'full',
): string {
  if (value == null) return nothing;
  switch (metric) {
    case 'revenue':
      return style === 'full'
        ? formatMoney({ currency, amount: value })
        : formatMoneyCompact({ currency, amount: value });
    case 'conversion_rate':
    case 'bounce_rate':
      return formatPercent(value);
    case 'avg_duration':
      return formatDuration(value);
    case 'people':
    case 'pageviews':
    case 'sessions':
    case 'conversions':
    case 'leads':
    case 'sales':
      return style === 'full' ? formatNumber(value) : formatCompact(value);
  }
}
