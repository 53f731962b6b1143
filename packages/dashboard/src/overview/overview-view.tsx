import { Fragment, Suspense, lazy } from 'react';

import { Box, SimpleGrid, Skeleton, Stack } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { t } from '../messages/messages.ts';
import { ReportBar } from '../report/report-bar.tsx';
import { useReport } from '../report/use-report.ts';
import { ExportButton } from '../ui/export-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { BreakdownPanel } from './breakdown-panel.tsx';
import { FirstSteps } from './first-steps.tsx';
import type { OverviewSearch } from './overview-search.ts';
import { MapPanel } from './map-panel.tsx';
import { panels } from './panels.ts';
import { SummaryCards } from './summary-cards.tsx';

// The charts are a third of everything: the numbers do not wait for them.
const MetricChart = lazy(() =>
  import('./metric-chart.tsx').then(({ MetricChart: component }) => ({ default: component })),
);

/** What happened, at a glance. Every number can be looked at over time, every row narrows the rest. */
export function OverviewView() {
  const report = useReport();
  const search: OverviewSearch = useSearch({ strict: false });
  const change = useSearchChange<OverviewSearch>();
  const api = useApi();
  const metric = search.metric ?? 'people';
  const summary = useRead('analyticsSummary', { ...report.window, compare: 'previous' });
  const isNew =
    summary.data !== undefined &&
    report.filters.length === 0 &&
    summary.data.events === 0 &&
    summary.data.previous?.events === 0;

  return (
    <Page
      title={t.nav.overview}
      actions={
        <ExportButton
          fileName="summary.csv"
          read={() => api.exportSummary({ ...report.window, format: 'csv' })}
        />
      }
    >
      <ReportBar report={report} />
      {isNew && <FirstSteps />}
      <Stack gap="md">
        <Loaded query={summary} height={170}>
          {(numbers) => (
            <SummaryCards
              numbers={numbers}
              before={report.compares ? numbers.previous : undefined}
              metric={metric}
              onMetric={(next) => change({ metric: next === 'people' ? undefined : next })}
            />
          )}
        </Loaded>
        <Panel title={t.overview.overTime(t.metrics[metric])}>
          <Suspense fallback={<Skeleton height={260} />}>
            <MetricChart report={report} metric={metric} />
          </Suspense>
        </Panel>
        <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
          {panels.map((dimensions, index) => (
            <Fragment key={dimensions[0]}>
              {dimensions[0] === 'country' && <MapPanel report={report} />}
              <Box
                style={{
                  // As high as its neighbour, and never wider than its half.
                  display: 'grid',
                  gridTemplateColumns: 'minmax(0, 1fr)',
                  ...(index === panels.length - 1 && { gridColumn: '1 / -1' }),
                }}
              >
                <BreakdownPanel
                  report={report}
                  dimensions={dimensions}
                  chosen={
                    dimensions.find((name) => search.panels?.includes(name)) ?? dimensions[0]!
                  }
                  onChoose={(next) =>
                    change({ panels: choose(search.panels ?? [], dimensions, next) })
                  }
                />
              </Box>
            </Fragment>
          ))}
        </SimpleGrid>
      </Stack>
    </Page>
  );
}

/** The lists that are shown beside their panel's first one. */
function choose(
  shown: readonly string[],
  dimensions: readonly string[],
  next: string,
): readonly string[] | undefined {
  const others = shown.filter((name) => !dimensions.includes(name));
  const all = next === dimensions[0] ? others : [...others, next];
  return all.length === 0 ? undefined : all;
}
