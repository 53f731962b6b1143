import '@mantine/charts/styles.css';

import { BarChart } from '@mantine/charts';
import { VisuallyHidden } from '@mantine/core';

import { useRead } from '../api/use-api.ts';
import { formatBucket } from '../format/time.ts';
import { formatCompact, formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import type { Report } from '../report/use-report.ts';
import { Loaded } from '../ui/loaded.tsx';

/** The clicks of a link over time: every following of it, also by somebody who came before. */
export function ClicksChart({ report }: { readonly report: Report }) {
  const days = (report.period.to.getTime() - report.period.from.getTime()) / 86_400_000;
  const clicks = useRead('analyticsTimeseries', {
    ...report.window,
    metric: 'events',
    interval: days <= 2.2 ? '1h' : days <= 100 ? '1d' : '1w',
  });
  return (
    <Loaded query={clicks} height={260}>
      {({ points, timezone }) => {
        const first = points[0];
        const length =
          first === undefined ? 0 : Date.parse(first.bucket_end) - Date.parse(first.bucket_start);
        return (
          <figure style={{ margin: 0 }}>
            <VisuallyHidden component="figcaption">
              {t.overview.chartCaption(t.links.clicks, points.length)}
            </VisuallyHidden>
            <BarChart
              h={260}
              data={points.map((point) => ({
                when: formatBucket(point.bucket_start, length, timezone),
                [t.links.clicks]: point.value ?? 0,
              }))}
              dataKey="when"
              series={[{ name: t.links.clicks, color: 'river.6' }]}
              tickLine="none"
              gridAxis="x"
              maxBarWidth={28}
              valueFormatter={(value) => formatNumber(value)}
              yAxisProps={{
                width: 64,
                allowDecimals: false,
                tickFormatter: (value: number) => formatCompact(value),
              }}
              xAxisProps={{ minTickGap: 32 }}
              barChartProps={{ accessibilityLayer: false }}
            />
          </figure>
        );
      }}
    </Loaded>
  );
}
