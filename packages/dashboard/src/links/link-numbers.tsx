import { Suspense, lazy } from 'react';

import type { LinkResponse } from '@headwater/client/api';
import { SegmentedControl, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';

import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatMoneys, formatNumber } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { BreakdownPanel } from '../overview/breakdown-panel.tsx';
import { StatCard } from '../overview/stat-card.tsx';
import type { FilterDimension } from '../report/filter.ts';
import { ReportBar } from '../report/report-bar.tsx';
import { useReport } from '../report/use-report.ts';
import { Panel } from '../ui/panel.tsx';
import { LinkClicks } from './link-clicks.tsx';
import { linkMetrics } from './link-search.ts';
import type { LinkMetric, LinkSearch } from './link-search.ts';
import { narrowToClicks, narrowToLink } from './narrow-to-link.ts';

const MetricChart = lazy(() =>
  import('../overview/metric-chart.tsx').then(({ MetricChart: component }) => ({
    default: component,
  })),
);
const ClicksChart = lazy(() =>
  import('./clicks-chart.tsx').then(({ ClicksChart: component }) => ({ default: component })),
);

/** The lists of a link; those of one panel are its tabs. */
const panels: readonly (readonly FilterDimension[])[] = [
  ['referrer', 'source', 'campaign'],
  ['country', 'region', 'city'],
  ['device_type', 'browser', 'system', 'in_app'],
  ['language', 'entry_page'],
];

/** The counters of a link, who came by it and from where, its clicks. */
export function LinkNumbers({ link }: { readonly link: LinkResponse }) {
  const { timezone } = useWorkspace();
  const search: LinkSearch = useSearch({ strict: false });
  const change = useSearchChange<LinkSearch>();
  const report = useReport();
  const narrowed = narrowToLink(report, link.id);
  const metric = search.metric ?? 'clicks';
  const chosen = panels.map(
    (dimensions, place) =>
      dimensions.find((name) => name === search.panels?.[place]) ?? dimensions[0]!,
  );
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
        <StatCard label={t.links.clicks} value={formatNumber(link.total_clicks)} />
        <StatCard label={t.links.uniqueClicks} value={formatNumber(link.unique_clicks)} />
        <StatCard label={t.metrics.leads} value={formatNumber(link.total_leads)} />
        <StatCard label={t.metrics.sales} value={formatNumber(link.total_sales)} />
        <StatCard label={t.metrics.revenue} value={formatMoneys(link.revenue)} />
        <StatCard label={t.links.machineClicks} value={formatNumber(link.machine_clicks)} />
      </SimpleGrid>
      <Text size="xs" c="dimmed">
        {t.links.sinceCreation(formatInstant(link.inserted_at, timezone))}
      </Text>
      <ReportBar report={report} />
      <Panel
        title={t.linkNumbers.overTime}
        actions={
          <SegmentedControl
            size="xs"
            aria-label={t.linkNumbers.shown}
            data={linkMetrics.map((value) => ({ value, label: metricName(value) }))}
            value={metric}
            onChange={(value) => change({ metric: value === 'clicks' ? undefined : value })}
          />
        }
      >
        <Suspense fallback={<Skeleton height={260} />}>
          {metric === 'clicks' ? (
            <ClicksChart report={narrowToClicks(report, link.id)} />
          ) : (
            <MetricChart report={narrowed} metric={metric} />
          )}
        </Suspense>
      </Panel>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        {panels.map((dimensions, place) => (
          <BreakdownPanel
            key={dimensions[0]}
            report={narrowed}
            dimensions={dimensions}
            chosen={chosen[place]!}
            onChoose={(name) => change({ panels: chosen.with(place, name) })}
          />
        ))}
      </SimpleGrid>
      <Panel title={t.links.latestClicks} flush>
        <LinkClicks linkId={link.id} />
      </Panel>
    </Stack>
  );
}

function metricName(metric: LinkMetric): string {
  return metric === 'clicks' ? t.links.clicks : t.metrics[metric];
}
