import type { ReferralCodeResponse } from '@headwater/client/api';
import { Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconTag } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatNumber, nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { EmptyPanel } from '../overview/empty-panel.tsx';
import { StatCard } from '../overview/stat-card.tsx';
import { ShareList } from '../events/share-list.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { Panel } from '../ui/panel.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { Seats } from '../ui/seats.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { CodeBadge } from './code-badge.tsx';
import type { CodesSearch } from './codes-search.ts';
import { CodeForm } from './code-form.tsx';
import { Redemptions } from './redemptions.tsx';

/** Codes that people tell one another: how many, which are used, who refers most. */
export function CodesView() {
  const search: CodesSearch = useSearch({ strict: false });
  const change = useSearchChange<CodesSearch>();
  const api = useApi();
  const [isCreating, creating] = useDisclosure();
  const question = search.q === undefined ? {} : { search: search.q };
  const codes = useRead('listReferralCodes', { ...question, ...pageWindow(search.page) });
  const totals = useRead('getReferralTotals', undefined);
  const leaders = useRead('getReferralLeaderboard', { limit: 8 });
  return (
    <Page
      title={t.nav.codes}
      description={t.codes.intro}
      actions={
        <>
          <RowsExport
            fileName="referral-codes.csv"
            columns={exported}
            read={() => api.items('listReferralCodes', { ...question, limit: 200 })}
          />
          <Button size="xs" onClick={creating.open}>
            {t.codes.create}
          </Button>
        </>
      }
    >
      <Loaded query={totals} height={80}>
        {(numbers) => (
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
            <StatCard label={t.codes.total} value={formatNumber(numbers.total_codes)} />
            <StatCard label={t.codes.valid} value={formatNumber(numbers.valid_codes)} />
            <StatCard label={t.codes.used} value={formatNumber(numbers.codes_with_usage)} />
            <StatCard label={t.codes.uses} value={formatNumber(numbers.total_usage)} />
          </SimpleGrid>
        )}
      </Loaded>
      <Group>
        <SearchField
          label={t.codes.search}
          value={search.q}
          onChange={(q) => change({ q, page: undefined }, { replace: true })}
        />
      </Group>
      <PagedPanel
        query={codes}
        page={search.page}
        onPage={(page) => change({ page })}
        height={360}
        isNarrowed={search.q !== undefined}
        empty={{
          icon: IconTag,
          title: t.codes.emptyTitle,
          children: t.codes.emptyHint,
          action: <Button onClick={creating.open}>{t.codes.create}</Button>,
        }}
      >
        {(rows) => <CodesTable codes={rows} />}
      </PagedPanel>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <Panel title={t.codes.leaders}>
          <Loaded query={leaders} empty={<EmptyPanel />}>
            {(rows) => (
              <ShareList
                rows={rows.map((row) => ({
                  value: row.referrer.id ?? t.codes.forgotten,
                  people: row.referrals,
                }))}
              />
            )}
          </Loaded>
        </Panel>
        <Panel title={t.codes.redemptions} flush>
          <Redemptions question={{}} />
        </Panel>
      </SimpleGrid>
      <CodeForm isOpen={isCreating} onClose={creating.close} />
    </Page>
  );
}

const exported = [
  'id',
  'code',
  'description',
  'active',
  'uses',
  'uses_max',
  'expires_at',
  'creator_id',
  'beneficiary_id',
  'inserted_at',
] as const satisfies readonly (keyof ReferralCodeResponse)[];

function CodesTable({ codes }: { readonly codes: readonly ReferralCodeResponse[] }) {
  const { timezone } = useWorkspace();
  const columns: ColumnDef<ReferralCodeResponse>[] = [
    {
      id: 'code',
      header: t.codes.code,
      cell: ({ row: { original: code } }) => (
        <Stack gap={0}>
          <Group gap={4} wrap="nowrap">
            <TextLink to="/codes/$id" params={{ id: code.id }} fw={600} ff="monospace">
              {code.code}
            </TextLink>
            <CopyButton value={code.code} label={t.links.copyOf(code.code)} />
          </Group>
          <Text size="xs" c="dimmed">
            {code.description}
          </Text>
        </Stack>
      ),
    },
    {
      id: 'state',
      header: t.keys.state,
      cell: ({ row }) => <CodeBadge code={row.original} />,
    },
    {
      id: 'uses',
      header: t.codes.uses,
      cell: ({ row }) => <Seats uses={row.original.uses} max={row.original.uses_max} />,
    },
    {
      id: 'beneficiary',
      header: t.codes.beneficiary,
      cell: ({ row }) => row.original.beneficiary_id ?? nothing,
    },
    {
      id: 'expires',
      header: t.links.expiry,
      cell: ({ row }) =>
        row.original.expires_at === null
          ? t.links.never
          : formatInstant(row.original.expires_at, timezone),
    },
  ];
  return (
    <DataTable
      label={t.nav.codes}
      columns={columns}
      rows={codes}
      rowKey={(code) => code.id}
      minWidth={760}
    />
  );
}
