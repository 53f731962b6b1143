import type { ClaimsResponse } from '@headwater/client/api';
import { Alert, Group, SimpleGrid } from '@mantine/core';
import { IconInfoCircle, IconReportMoney } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { goals } from '../attribution/attribution-search.ts';
import { formatDecimal, formatMoneys, formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { ReportBar } from '../report/report-bar.tsx';
import { useReport } from '../report/use-report.ts';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { TextLink } from '../ui/text-link.tsx';
import type { ClaimsSearch } from './claims-search.ts';
import { usePlatformName } from './use-platform-name.ts';

type Row = ClaimsResponse['rows'][number];

/** What each platform will say that it brought, beside what the journeys say. */
export function ClaimsView() {
  const search: ClaimsSearch = useSearch({ strict: false });
  const change = useSearchChange<ClaimsSearch>();
  const report = useReport();
  const claims = useRead('compareClaims', {
    from: report.window.from,
    to: report.window.to,
    ...(search.goal !== undefined && { goal: search.goal }),
  });
  return (
    <Page
      title={t.claims.title}
      description={t.claims.intro}
      actions={
        <RowsExport
          fileName="claims.csv"
          columns={exported}
          read={() => (claims.data?.rows ?? []).map(flatten)}
        />
      }
    >
      <Group gap="sm">
        <ReportBar report={report} hasFilters={false} hasComparison={false} />
        <ChoiceFilter
          label={t.attribution.goals}
          any={t.eventTypes.sale}
          choices={goals}
          names={t.eventTypes}
          value={search.goal}
          onChange={(goal) => change({ goal })}
        />
      </Group>
      <Loaded
        query={claims}
        height={360}
        isEmpty={({ rows }) => rows.length === 0}
        empty={
          <Panel>
            <EmptyState
              icon={IconReportMoney}
              title={t.claims.emptyTitle}
              action={<LinkButton to="/connectors">{t.nav.connectors}</LinkButton>}
            >
              {t.claims.emptyHint}
            </EmptyState>
          </Panel>
        }
      >
        {({ total, rows }) => (
          <>
            <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm" pb="md">
              <StatCard
                label={t.claims.total}
                value={formatNumber(total.conversions)}
                details={formatMoneys(total.revenue)}
              />
              <StatCard
                label={t.claims.claimedTotal}
                value={formatNumber(rows.reduce((sum, row) => sum + row.claimed.conversions, 0))}
                details={t.claims.claimedTotalHint}
              />
            </SimpleGrid>
            <Panel flush>
              <ClaimsTable rows={rows} />
            </Panel>
            <Alert mt="md" color="gray" icon={<IconInfoCircle aria-hidden />}>
              {t.claims.explanation}
            </Alert>
          </>
        )}
      </Loaded>
    </Page>
  );
}

const exported = [
  'connector',
  'claimed',
  'claimed_revenue',
  'confirmed',
  'confirmed_revenue',
  'credited',
  'credited_revenue',
] as const;

function flatten({ connector, claimed, confirmed, credited }: Row) {
  return {
    connector,
    claimed: claimed.conversions,
    claimed_revenue: claimed.revenue,
    confirmed: confirmed.conversions,
    confirmed_revenue: confirmed.revenue,
    credited: credited.conversions,
    credited_revenue: credited.revenue,
  };
}

const column = columnsOf<Row>();

function ClaimsTable({ rows }: { readonly rows: readonly Row[] }) {
  const nameOf = usePlatformName();
  const sums = (name: 'claimed' | 'confirmed' | 'credited') =>
    column(
      t.claims[name],
      (row) => (
        <>
          {formatDecimal(row[name].conversions)}
          <br />
          <small style={{ color: 'var(--mantine-color-dimmed)' }}>
            {formatMoneys(row[name].revenue)}
          </small>
        </>
      ),
      { align: 'right' },
    );
  return (
    <DataTable
      label={t.claims.title}
      rows={rows}
      rowKey={({ connector }) => connector}
      minWidth={620}
      columns={[
        column(t.connectors.platform, ({ connector }) => (
          <TextLink to="/connectors/$type" params={{ type: connector }} fw={600} size="sm">
            {nameOf(connector)}
          </TextLink>
        )),
        sums('claimed'),
        sums('confirmed'),
        sums('credited'),
      ]}
    />
  );
}
