import { isConversionMetric, isVisitMetric, metricAliases, metrics } from './metric.ts';
import type { Metric } from './metric.ts';
import type { FieldProblems } from '../reports/report-period.ts';

/** The metrics that a report was asked for; those of visits and conversions do not go with single events. */
export function readMetrics(
  names: readonly string[],
  aboutEvents: boolean,
  problems: FieldProblems,
): Metric[] {
  const wanted: Metric[] = [];
  const complain = (message: string): void => {
    (problems['metrics'] ??= []).push(message);
  };
  if (names.length === 0) complain('must not be empty');
  for (const name of names) {
    const metric = Object.hasOwn(metricAliases, name)
      ? metricAliases[name]
      : metrics.find((known) => known === name);
    if (metric === undefined) complain(`names an unknown metric: ${name.slice(0, 64)}`);
    else if (aboutEvents && (isVisitMetric(metric) || isConversionMetric(metric)))
      complain(`cannot be ${metric} where pages or events are told apart`);
    else if (!wanted.includes(metric)) wanted.push(metric);
  }
  return wanted;
}
