import type { VisitorResponse } from '@headwater/client/api';
import { Group, Text } from '@mantine/core';
import { IconUserSearch } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';

import { useApi, useRead } from '../api/use-api.ts';
import { useNow } from '../app/use-now.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { formatAgo, formatInstant } from '../format/time.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatCompact, formatMoneys, nothing } from '../format/number.ts';
import { countryFlag, countryName } from '../format/place.ts';
import { t } from '../messages/messages.ts';
import { said } from '../report/said.ts';
import { DataTable } from '../ui/data-table.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { SourceText } from '../ui/source-text.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { StatusBadge } from './status-badge.tsx';
import { VisitorFilters } from './visitor-filters.tsx';
import { visitorName } from './visitor-name.ts';
import type { VisitorsSearch } from './visitors-search.ts';

/** Everybody who came, newest first. */
export function VisitorsView() {
  const search: VisitorsSearch = useSearch({ strict: false });
  const change = useSearchChange<VisitorsSearch>();
  const api = useApi();
  const now = useNow(3_600_000);
  const { status, channel, country, seen } = search;
  const question = said({
    search: search.q,
    status,
    channel,
    country,
    seen_since:
      seen === undefined ? undefined : new Date(now - Number(seen) * 86_400_000).toISOString(),
  });
  const visitors = useRead('listVisitors', { ...question, ...pageWindow(search.page) });
  return (
    <Page
      title={t.nav.visitors}
      description={t.visitors.intro}
      actions={
        <RowsExport
          fileName="visitors.csv"
          columns={exported}
          read={() => api.items('listVisitors', { ...question, limit: 200 })}
          rowMax={10_000}
        />
      }
    >
      <Group>
        <SearchField
          label={t.visitors.search}
          value={search.q}
          onChange={(q) => change({ q, page: undefined }, { replace: true })}
        />
        <Text size="xs" c="dimmed">
          {t.visitors.searchHint}
        </Text>
      </Group>
      <VisitorFilters />
      <PagedPanel
        query={visitors}
        page={search.page}
        onPage={(page) => change({ page })}
        height={500}
        isNarrowed={Object.keys(question).length > 0}
        empty={{
          icon: IconUserSearch,
          title: t.visitors.emptyTitle,
          children: t.visitors.emptyHint,
          action: <LinkButton to="/start">{t.overview.emptyAction}</LinkButton>,
        }}
      >
        {(rows) => <VisitorsTable visitors={rows} />}
      </PagedPanel>
    </Page>
  );
}

const exported = [
  'id',
  'status',
  'person_external_id',
  'person_email',
  'person_name',
  'first_seen_at',
  'last_seen_at',
  'total_sessions',
  'total_pageviews',
  'ltv_cents',
] as const satisfies readonly (keyof VisitorResponse)[];

function VisitorsTable({ visitors }: { readonly visitors: readonly VisitorResponse[] }) {
  const { timezone } = useWorkspace();
  const now = useNow(60_000);
  const columns: ColumnDef<VisitorResponse>[] = [
    {
      id: 'who',
      header: t.visitors.who,
      cell: ({ row: { original: visitor } }) => (
        <Group gap={8} wrap="nowrap">
          <TextLink to="/visitors/$id" params={{ id: visitor.id }} fw={600} size="sm" truncate>
            {visitorName(visitor)}
          </TextLink>
          {visitor.status !== 'anonymous' && <StatusBadge status={visitor.status} />}
        </Group>
      ),
    },
    {
      id: 'country',
      header: t.dimensions.country,
      cell: ({ row: { original: visitor } }) => {
        const code = visitor.geo['country'];
        return typeof code === 'string' ? `${countryFlag(code)} ${countryName(code)}` : nothing;
      },
    },
    {
      id: 'source',
      header: t.visitors.firstSource,
      cell: ({ row }) => <SourceText source={row.original.first_source} />,
    },
    {
      id: 'sessions',
      header: t.metrics.sessions,
      meta: { align: 'right' },
      cell: ({ row }) => formatCompact(row.original.total_sessions),
    },
    {
      id: 'revenue',
      header: t.metrics.revenue,
      meta: { align: 'right' },
      cell: ({ row }) => formatMoneys(row.original.revenue),
    },
    {
      id: 'seen',
      header: t.visitors.lastSeen,
      meta: { align: 'right' },
      cell: ({ row: { original: visitor } }) => (
        <time
          dateTime={visitor.last_seen_at ?? undefined}
          title={formatInstant(visitor.last_seen_at, timezone)}
        >
          {formatAgo(visitor.last_seen_at, now)}
        </time>
      ),
    },
  ];
  return (
    <DataTable
      label={t.nav.visitors}
      columns={columns}
      rows={visitors}
      rowKey={(visitor) => visitor.id}
      minWidth={820}
    />
  );
}
