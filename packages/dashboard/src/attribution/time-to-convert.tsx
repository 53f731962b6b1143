import '@mantine/charts/styles.css';

import type { AttributionPaths } from '@headwater/client/api';
import { BarChart } from '@mantine/charts';

import { formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { EmptyPanel } from '../overview/empty-panel.tsx';
import { Panel } from '../ui/panel.tsx';

/** How many days lie between the first touch and the conversion. */
export function TimeToConvert({ data }: { readonly data: AttributionPaths }) {
  const rows = data.time_to_convert.buckets.map((bucket) => ({
    days: t.attribution.bucket(bucket.from_days, bucket.to_days),
    [t.metrics.conversions]: bucket.conversions,
  }));
  return (
    <Panel title={t.attribution.timeToConvert}>
      {data.totals.conversions === 0 ? (
        <EmptyPanel />
      ) : (
        <BarChart
          h={260}
          data={rows}
          dataKey="days"
          series={[{ name: t.metrics.conversions, color: 'river.6' }]}
          tickLine="none"
          gridAxis="x"
          valueFormatter={(value) => formatNumber(value)}
          barChartProps={{ accessibilityLayer: false }}
        />
      )}
    </Panel>
  );
}
