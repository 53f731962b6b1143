import type { InvitationResponse } from '@headwater/client/api';
import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMailOpened } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { useState } from 'react';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, pageSize, pageWindow } from '../ui/pager.tsx';
import { Panel } from '../ui/panel.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { Seats } from '../ui/seats.tsx';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { InvitationBadge } from './invitation-badge.tsx';
import { invitationStatuses } from './invitations-search.ts';
import type { InvitationsSearch } from './invitations-search.ts';
import { NewInvitation } from './new-invitation.tsx';

export function InvitationsView() {
  const search: InvitationsSearch = useSearch({ strict: false });
  const change = useSearchChange<InvitationsSearch>();
  const api = useApi();
  const [isCreating, creating] = useDisclosure();
  const [token, setToken] = useState<string>();
  const question = {
    ...(search.q !== undefined && { search: search.q }),
    ...(search.status !== undefined && { status: search.status }),
  };
  const invitations = useRead('listInvitations', { ...question, ...pageWindow(search.page) });
  return (
    <Page
      title={t.nav.invitations}
      description={t.invitations.intro}
      actions={
        <>
          <RowsExport
            fileName="invitations.csv"
            columns={exported}
            read={() => api.items('listInvitations', { ...question, limit: 200 })}
          />
          <Button size="xs" onClick={creating.open}>
            {t.invitations.create}
          </Button>
        </>
      }
    >
      <Group gap="sm">
        <SearchField
          label={t.invitations.search}
          value={search.q}
          onChange={(q) => change({ q, page: undefined }, { replace: true })}
        />
        <Select
          aria-label={t.invitations.status}
          placeholder={t.invitations.anyStatus}
          clearable
          clearButtonProps={{ 'aria-label': t.actions.clear }}
          w={170}
          data={invitationStatuses.map((value) => ({ value, label: t.invitations.states[value] }))}
          value={search.status ?? null}
          onChange={(status) =>
            change({ status: invitationStatuses.find((name) => name === status), page: undefined })
          }
        />
      </Group>
      <Panel flush>
        <Loaded
          query={invitations}
          height={420}
          empty={
            <EmptyState
              icon={IconMailOpened}
              title={t.invitations.emptyTitle}
              action={<Button onClick={creating.open}>{t.invitations.create}</Button>}
            >
              {t.invitations.emptyHint}
            </EmptyState>
          }
        >
          {(rows) => (
            <>
              <InvitationsTable invitations={rows.slice(0, pageSize)} />
              <Pager
                page={search.page ?? 1}
                hasNext={rows.length > pageSize}
                onChange={(page) => change({ page: page === 1 ? undefined : page })}
              />
            </>
          )}
        </Loaded>
      </Panel>
      <NewInvitation
        isOpen={isCreating}
        onClose={creating.close}
        onCreated={(made) => {
          creating.close();
          setToken(made);
        }}
      />
      <SecretDialog
        title={t.invitations.tokenTitle}
        secret={token}
        onClose={() => setToken(undefined)}
      />
    </Page>
  );
}

const exported = [
  'id',
  'token_prefix',
  'name',
  'status',
  'uses',
  'uses_max',
  'expires_at',
  'inserted_at',
] as const satisfies readonly (keyof InvitationResponse)[];

function InvitationsTable(props: { readonly invitations: readonly InvitationResponse[] }) {
  const { timezone } = useWorkspace();
  const columns: ColumnDef<InvitationResponse>[] = [
    {
      id: 'name',
      header: t.settings.name,
      cell: ({ row: { original: invitation } }) => (
        <Stack gap={0}>
          <TextLink to="/invitations/$id" params={{ id: invitation.id }} fw={600} size="sm">
            {invitation.name ?? t.invitations.unnamed}
          </TextLink>
          <Text size="xs" c="dimmed" ff="monospace">
            {invitation.token_prefix}…
          </Text>
        </Stack>
      ),
    },
    {
      id: 'state',
      header: t.invitations.status,
      cell: ({ row }) => <InvitationBadge invitation={row.original} />,
    },
    {
      id: 'seats',
      header: t.seats.label,
      cell: ({ row }) => <Seats uses={row.original.uses} max={row.original.uses_max} />,
    },
    {
      id: 'expires',
      header: t.links.expiry,
      cell: ({ row }) =>
        row.original.expires_at === null
          ? t.links.never
          : formatInstant(row.original.expires_at, timezone),
    },
    {
      id: 'created',
      header: t.links.created,
      cell: ({ row }) => formatInstant(row.original.inserted_at, timezone),
    },
  ];
  return (
    <DataTable
      label={t.nav.invitations}
      columns={columns}
      rows={props.invitations}
      rowKey={(invitation) => invitation.id}
      minWidth={760}
    />
  );
}
