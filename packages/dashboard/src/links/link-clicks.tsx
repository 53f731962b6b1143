import { useState } from 'react';

import type { ClickResponse } from '@headwater/client/api';
import { Switch, Text } from '@mantine/core';
import { IconClick } from '@tabler/icons-react';
import type { ColumnDef } from '@tanstack/react-table';

import { useRead } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Pager, pageSize, pageWindow } from '../ui/pager.tsx';
import { TextLink } from '../ui/text-link.tsx';

export function LinkClicks({ linkId }: { readonly linkId: string }) {
  const { timezone } = useWorkspace();
  const [page, setPage] = useState(1);
  const [machines, setMachines] = useState(false);
  const clicks = useRead('getLinkClicks', { link_id: linkId, machines, ...pageWindow(page) });
  const columns: ColumnDef<ClickResponse>[] = [
    {
      id: 'at',
      header: t.events.when,
      cell: ({ row }) => formatInstant(row.original.inserted_at, timezone),
    },
    {
      id: 'who',
      header: t.events.who,
      cell: ({ row: { original: click } }) =>
        click.visitor_id === null ? (
          (click.machine ?? nothing)
        ) : (
          <TextLink to="/visitors/$id" params={{ id: click.visitor_id }} size="sm">
            {click.visitor_id.slice(-6)}
          </TextLink>
        ),
    },
    {
      id: 'from',
      header: t.dimensions.referrer,
      cell: ({ row }) => row.original.referrer ?? nothing,
    },
    {
      id: 'agent',
      header: t.events.userAgent,
      cell: ({ row }) => (
        <Text size="xs" c="dimmed" lineClamp={1} maw={360}>
          {row.original.user_agent ?? nothing}
        </Text>
      ),
    },
  ];
  return (
    <>
      <Switch
        px="md"
        pb="sm"
        size="sm"
        label={t.links.withMachines}
        checked={machines}
        onChange={(event) => {
          setMachines(event.currentTarget.checked);
          setPage(1);
        }}
      />
      <Loaded
        query={clicks}
        empty={
          <EmptyState icon={IconClick} title={t.links.noClicks}>
            {t.links.noClicksHint}
          </EmptyState>
        }
      >
        {(rows) => (
          <>
            <DataTable
              label={t.links.latestClicks}
              columns={columns}
              rows={rows.slice(0, pageSize)}
              rowKey={(click) => click.id}
            />
            <Pager page={page} hasNext={rows.length > pageSize} onChange={setPage} />
          </>
        )}
      </Loaded>
    </>
  );
}
