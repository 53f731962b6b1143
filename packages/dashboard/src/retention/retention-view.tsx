import type { RetentionResponse } from '@headwater/client/api';
import { Table, Text } from '@mantine/core';
import { IconChartArrowsVertical } from '@tabler/icons-react';

import { useApi, useRead } from '../api/use-api.ts';
import { formatNumber, formatPercent } from '../format/number.ts';
import { formatDay } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { ReportBar } from '../report/report-bar.tsx';
import { useReport } from '../report/use-report.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { ExportButton } from '../ui/export-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { ScrollTable } from '../ui/scroll-table.tsx';

/** Of the new people of each week, how many came back in each week after. */
export function RetentionView() {
  const report = useReport();
  const api = useApi();
  const retention = useRead('analyticsRetention', report.window);
  return (
    <Page
      title={t.nav.retention}
      description={t.retention.intro}
      actions={
        <ExportButton
          fileName="retention.csv"
          read={() => api.exportRetention({ ...report.window, format: 'csv' })}
        />
      }
    >
      <ReportBar report={report} hasComparison={false} />
      <Panel flush>
        <Loaded
          query={retention}
          height={360}
          isEmpty={({ cohorts }) => cohorts.every((cohort) => (cohort.people[0] ?? 0) === 0)}
          empty={
            <EmptyState icon={IconChartArrowsVertical} title={t.retention.emptyTitle}>
              {t.retention.emptyHint}
            </EmptyState>
          }
        >
          {(data) => <Cohorts data={data} />}
        </Loaded>
      </Panel>
    </Page>
  );
}

function Cohorts({ data }: { readonly data: RetentionResponse }) {
  const cohorts = data.cohorts.filter((cohort) => (cohort.people[0] ?? 0) > 0);
  const weeks = Math.max(...cohorts.map((cohort) => cohort.people.length));
  return (
    <ScrollTable minWidth={200 + weeks * 72} label={t.nav.retention}>
      <Table horizontalSpacing={4} verticalSpacing={4} aria-label={t.nav.retention}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col" pl="md">
              {t.retention.week}
            </Table.Th>
            <Table.Th scope="col" ta="right" pr="md">
              {t.retention.newPeople}
            </Table.Th>
            {Array.from({ length: weeks }, (_, week) => (
              <Table.Th key={week} scope="col" ta="center">
                {t.retention.weekAfter(week)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {cohorts.map((cohort) => {
            const all = cohort.people[0]!;
            return (
              <Table.Tr key={cohort.week_start}>
                <Table.Th scope="row" pl="md" style={{ whiteSpace: 'nowrap' }}>
                  {formatDay(cohort.week_start, data.timezone)}
                </Table.Th>
                <Table.Td ta="right" pr="md">
                  {formatNumber(all)}
                </Table.Td>
                {cohort.people.map((people, week) => (
                  // The place is the week: it has no other name.
                  <Table.Td
                    key={`${cohort.week_start} ${week}`}
                    ta="center"
                    style={{
                      background: `color-mix(in srgb, var(--mantine-color-river-5) ${Math.round((people / all) * (week === 0 ? 40 : 65))}%, transparent)`,
                      borderRadius: 4,
                    }}
                    title={t.retention.cell(formatNumber(people), formatNumber(all))}
                  >
                    <Text size="xs" component="span">
                      {formatPercent(people / all)}
                    </Text>
                  </Table.Td>
                ))}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </ScrollTable>
  );
}
