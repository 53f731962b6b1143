import type { LinkResponse } from '@headwater/client/api';
import { Checkbox, Group, Stack, Text, VisuallyHidden } from '@mantine/core';
import type { ColumnDef } from '@tanstack/react-table';

import { useWorkspace } from '../app/use-workspace.ts';
import { formatCompact, formatMoneys, nothing } from '../format/number.ts';
import { formatDay } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { DataTable } from '../ui/data-table.tsx';
import type { Sorting } from '../ui/data-table.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { LinkBadges } from './link-badges.tsx';
import { LinkMenu } from './link-menu.tsx';
import type { LinkSelection } from './link-selection.ts';
import { shortAddress } from './short-address.ts';

export interface LinksTableProps {
  readonly links: readonly LinkResponse[];
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
  /** What is chosen for a change of many at once. */
  readonly selection: LinkSelection;
}

export function LinksTable({ links, sorting, onSort, selection }: LinksTableProps) {
  const { timezone } = useWorkspace();
  const may = useMay();
  const number = (
    key: 'total_clicks' | 'unique_clicks' | 'total_leads' | 'total_sales',
    sort: string,
    header: string,
  ): ColumnDef<LinkResponse> => ({
    id: key,
    header,
    meta: { align: 'right', sort },
    cell: ({ row }) => formatCompact(row.original[key]),
  });
  const isWhole = links.every(({ id }) => selection.has(id));
  const columns: ColumnDef<LinkResponse>[] = [
    {
      id: 'choose',
      header: () => (
        <Checkbox
          size="xs"
          aria-label={t.linkList.choosePage}
          checked={isWhole}
          indeterminate={!isWhole && links.some(({ id }) => selection.has(id))}
          onChange={() => (isWhole ? selection.remove(links) : selection.add(links))}
        />
      ),
      meta: { width: 40 },
      cell: ({ row: { original: link } }) => (
        <Checkbox
          size="xs"
          aria-label={t.linkList.choose(shortAddress(link))}
          checked={selection.has(link.id)}
          onChange={() =>
            selection.has(link.id) ? selection.remove([link]) : selection.add([link])
          }
        />
      ),
    },
    {
      id: 'link',
      header: t.links.link,
      cell: ({ row: { original: link } }) => (
        <Stack gap={2} maw={420} miw={200}>
          <Group gap={4} wrap="nowrap">
            <TextLink to="/links/$id" params={{ id: link.id }} fw={600} size="sm" truncate>
              {shortAddress(link)}
            </TextLink>
            <CopyButton value={link.short_url} label={t.links.copyOf(shortAddress(link))} />
          </Group>
          <Text size="xs" c="dimmed" truncate>
            {link.url}
          </Text>
          <Group gap={4}>
            <LinkBadges link={link} />
          </Group>
        </Stack>
      ),
    },
    number('total_clicks', 'clicks', t.links.clicks),
    number('unique_clicks', 'unique_clicks', t.links.uniqueClicks),
    number('total_leads', 'leads', t.metrics.leads),
    number('total_sales', 'sales', t.metrics.sales),
    {
      id: 'revenue',
      header: t.metrics.revenue,
      meta: { align: 'right', sort: 'revenue' },
      cell: ({ row }) =>
        row.original.revenue.length === 0 ? nothing : formatMoneys(row.original.revenue),
    },
    {
      id: 'created',
      header: t.links.created,
      meta: { align: 'right', sort: 'created_at' },
      cell: ({ row }) => formatDay(row.original.inserted_at, timezone),
    },
    {
      id: 'menu',
      header: () => <VisuallyHidden>{t.actions.more}</VisuallyHidden>,
      meta: { align: 'right', width: 56 },
      cell: ({ row }) => <LinkMenu link={row.original} />,
    },
  ];
  return (
    <DataTable
      label={t.nav.links}
      // Whoever may change nothing has nothing to choose for.
      columns={may.write ? columns : columns.slice(1)}
      rows={links}
      rowKey={(link) => link.id}
      minWidth={900}
      sorting={sorting}
      onSort={onSort}
    />
  );
}
