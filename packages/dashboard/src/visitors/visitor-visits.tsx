import type { SessionResponse } from '@headwater/client/api';
import { IconClock } from '@tabler/icons-react';
import type { ColumnDef } from '@tanstack/react-table';

import { useRead } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatDuration, formatNumber, nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Pager, pageSize, pageWindow } from '../ui/pager.tsx';
import { SourceText } from '../ui/source-text.tsx';
import { TextLink } from '../ui/text-link.tsx';
import type { PagedProps } from './visitor-timeline.tsx';

export function VisitorVisits({ id, page, onPage }: PagedProps) {
  const { timezone } = useWorkspace();
  const visits = useRead('listVisitorSessions', { id, ...pageWindow(page) });
  const columns: ColumnDef<SessionResponse>[] = [
    {
      id: 'started',
      header: t.visitors.started,
      cell: ({ row: { original: visit } }) => (
        <TextLink to="/sessions/$id" params={{ id: visit.id }} size="sm">
          {formatInstant(visit.started_at, timezone)}
        </TextLink>
      ),
    },
    {
      id: 'source',
      header: t.dimensions.source,
      cell: ({ row }) => <SourceText source={row.original.source} />,
    },
    {
      id: 'entry',
      header: t.dimensions.entry_page,
      cell: ({ row }) => row.original.entry_url?.replace(/^https?:\/\/[^/]*/, '') ?? nothing,
    },
    {
      id: 'pages',
      header: t.metrics.pageviews,
      meta: { align: 'right' },
      cell: ({ row }) => formatNumber(row.original.pageviews),
    },
    {
      id: 'length',
      header: t.visitors.length,
      meta: { align: 'right' },
      cell: ({ row }) => formatDuration(row.original.duration_seconds),
    },
    {
      id: 'conversions',
      header: t.metrics.conversions,
      meta: { align: 'right' },
      cell: ({ row }) => formatNumber(row.original.conversions),
    },
  ];
  return (
    <Loaded query={visits} empty={<EmptyState icon={IconClock} title={t.visitors.noVisits} />}>
      {(rows) => (
        <>
          <DataTable
            label={t.visitors.tabs.visits}
            columns={columns}
            rows={rows.slice(0, pageSize)}
            rowKey={(visit) => visit.id}
            minWidth={760}
          />
          <Pager page={page} hasNext={rows.length > pageSize} onChange={onPage} />
        </>
      )}
    </Loaded>
  );
}
