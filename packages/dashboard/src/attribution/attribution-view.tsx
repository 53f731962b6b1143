import { Group, MultiSelect, SegmentedControl, Select, SimpleGrid, Stack } from '@mantine/core';
import { IconChartDots3 } from '@tabler/icons-react';

import type { AttributionReport } from '@headwater/client/api';
import { useQuery } from '@tanstack/react-query';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { formatMoneys, formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { ReportBar } from '../report/report-bar.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ExportButton } from '../ui/export-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { attributionDimensions, goals } from './attribution-search.ts';
import type { AttributionSearch } from './attribution-search.ts';
import { AttributionTable } from './attribution-table.tsx';
import { ChangesPanel } from './changes-panel.tsx';
import { modelNames } from './model-names.ts';
import { PathsPanel } from './paths-panel.tsx';
import { TimeToConvert } from './time-to-convert.tsx';
import { useAttributionQuestion } from './use-attribution.ts';

/** What each source is worth, under several models side by side: what they disagree about is part of the answer. */
export function AttributionView() {
  const { report, search, by, models, question } = useAttributionQuestion();
  const change = useSearchChange<AttributionSearch>();
  const api = useApi();
  const asked = { ...question, models: models.join(','), limit: 50 };
  const attribution = useQuery({
    queryKey: ['getAttributionReport', asked],
    queryFn: async ({ signal }) =>
      (await (await api.getAttributionReport(asked, { signal })).json()) as AttributionReport,
    placeholderData: (before) => before,
  });
  const paths = useRead('getAttributionPaths', { ...question, repeats: 'once', limit: 10 });
  const show = search.show ?? 'revenue';

  return (
    <Page
      title={t.nav.attribution}
      description={t.attribution.intro}
      actions={
        <ExportButton
          fileName={`attribution-${by}.csv`}
          read={() =>
            api.getAttributionReport({ ...question, models: models.join(','), format: 'csv' })
          }
        />
      }
    >
      <ReportBar report={report} hasComparison={false} />
      <Group align="flex-end" gap="sm">
        <Select
          label={t.attribution.by}
          w={150}
          data={attributionDimensions.map((name) => ({ value: name, label: t.dimensions[name] }))}
          value={by}
          allowDeselect={false}
          onChange={(next) =>
            change({
              by:
                next === 'channel'
                  ? undefined
                  : attributionDimensions.find((name) => name === next),
            })
          }
        />
        <MultiSelect
          label={t.attribution.goals}
          w={220}
          placeholder={search.goals === undefined ? t.attribution.allGoals : ''}
          data={goals.map((goal) => ({ value: goal, label: t.eventTypes[goal] }))}
          value={[...(search.goals ?? [])]}
          onChange={(next) =>
            change({
              goals: next.length === 0 ? undefined : goals.filter((goal) => next.includes(goal)),
            })
          }
        />
        <MultiSelect
          label={t.attribution.models}
          flex="1 1 320px"
          maxValues={6}
          data={modelNames.map((name) => ({ value: name, label: t.models[name] }))}
          value={[...models]}
          onChange={(next) =>
            change({
              models:
                next.length === 0 ? undefined : modelNames.filter((name) => next.includes(name)),
            })
          }
        />
        <SegmentedControl
          aria-label={t.attribution.show}
          data={[
            { value: 'revenue', label: t.metrics.revenue },
            { value: 'conversions', label: t.metrics.conversions },
          ]}
          value={show}
          onChange={(value) =>
            change({ show: value === 'conversions' ? 'conversions' : undefined })
          }
        />
      </Group>
      <Panel flush>
        <Loaded
          query={attribution}
          height={360}
          isEmpty={({ rows }) => rows.length === 0}
          empty={
            <EmptyState icon={IconChartDots3} title={t.attribution.emptyTitle}>
              {t.attribution.emptyHint}
            </EmptyState>
          }
        >
          {(data) => <AttributionTable data={data} show={show} report={report} />}
        </Loaded>
      </Panel>
      {attribution.data !== undefined && (
        <ChangesPanel
          data={attribution.data}
          question={asked}
          show={show}
          since={search.since}
          onSince={(since) => change({ since })}
        />
      )}
      <Loaded query={paths} height={300}>
        {(data) => (
          <Stack gap="md">
            <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
              <StatCard
                label={t.metrics.conversions}
                value={formatNumber(data.totals.conversions)}
              />
              <StatCard label={t.metrics.revenue} value={formatMoneys(data.totals.revenue)} />
              <StatCard label={t.attribution.pathCount} value={formatNumber(data.path_count)} />
              <StatCard
                label={t.attribution.medianDays}
                value={t.attribution.days(data.time_to_convert.median_days)}
              />
            </SimpleGrid>
            <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
              <PathsPanel data={data} />
              <TimeToConvert data={data} />
            </SimpleGrid>
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}
