import '@mantine/charts/styles.css';

import { AreaChart } from '@mantine/charts';
import { VisuallyHidden } from '@mantine/core';

import { useRead } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatBucket } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import type { Report } from '../report/use-report.ts';
import { Loaded } from '../ui/loaded.tsx';
import type { ChartMetric } from './chart-metric.ts';
import { formatMetric } from './metric-format.ts';

export interface MetricChartProps {
  readonly report: Report;
  readonly metric: ChartMetric;
}

/** One metric over time, against the same length of time before. */
export function MetricChart({ report, metric }: MetricChartProps) {
  const { currency } = useWorkspace();
  const { window, before, compares, period } = report;
  const interval = intervalOf(report);
  const now = useRead('analyticsTimeseries', { ...window, metric, interval });
  const earlier = useRead(
    'analyticsTimeseries',
    { ...window, ...before, metric, interval },
    { enabled: compares },
  );
  const nowName = t.metrics[metric];
  return (
    <Loaded query={now} height={260}>
      {({ points, timezone }) => {
        const past = compares ? (earlier.data?.points ?? []) : [];
        const first = points[0];
        const length =
          first === undefined
            ? 0
            : new Date(first.bucket_end).getTime() - new Date(first.bucket_start).getTime();
        // A day that is not over says nothing against those before it: it stands apart.
        const running =
          points.length > 1 && isRunning(points.at(-1), length, period.to)
            ? points.length - 1
            : undefined;
        const rows = points.map((point, index) => ({
          when: formatBucket(point.bucket_start, length, timezone),
          ...(index !== running && { [nowName]: point.value ?? 0 }),
          ...(running !== undefined &&
            index >= running - 1 && { [t.overview.soFar]: point.value ?? 0 }),
          ...(past[index] !== undefined && { [t.report.before]: past[index].value ?? 0 }),
        }));
        return (
          <figure style={{ margin: 0 }}>
            <VisuallyHidden component="figcaption">
              {t.overview.chartCaption(nowName, points.length)}
            </VisuallyHidden>
            <AreaChart
              h={260}
              data={rows}
              dataKey="when"
              series={[
                { name: nowName, color: 'river.6' },
                ...(running === undefined
                  ? []
                  : [{ name: t.overview.soFar, color: 'river.6', strokeDasharray: '2 4' }]),
                ...(past.length > 0
                  ? [{ name: t.report.before, color: 'gray.5', strokeDasharray: '5 5' }]
                  : []),
              ]}
              curveType="monotone"
              withDots={points.length < 2}
              strokeWidth={2}
              fillOpacity={0.18}
              tickLine="none"
              gridAxis="x"
              withLegend={past.length > 0 || running !== undefined}
              legendProps={{ verticalAlign: 'bottom', height: 28 }}
              valueFormatter={(value) => formatMetric(metric, value, currency)}
              yAxisProps={{
                width: 64,
                tickFormatter: (value: number) => formatMetric(metric, value, currency, 'short'),
              }}
              xAxisProps={{ minTickGap: 32 }}
              areaChartProps={{ accessibilityLayer: false }}
            />
          </figure>
        );
      }}
    </Loaded>
  );
}

/** Whether the last point is still being counted; `length` is that of a whole one, in milliseconds. */
function isRunning(
  point: { readonly bucket_start: string; readonly bucket_end: string } | undefined,
  length: number,
  to: Date,
): boolean {
  if (point === undefined) return false;
  const [start, end] = [new Date(point.bucket_start), new Date(point.bucket_end)];
  return end > to || end.getTime() - start.getTime() < length;
}

/** Steps that people think in: hours of a day or two, days of a season, weeks of a year. */
function intervalOf({ period }: Report): '1h' | '1d' | '1w' {
  const days = (period.to.getTime() - period.from.getTime()) / 86_400_000;
  return days <= 2.2 ? '1h' : days <= 100 ? '1d' : '1w';
}
