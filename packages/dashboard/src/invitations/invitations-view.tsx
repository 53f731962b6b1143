import type { InvitationResponse } from '@headwater/client/api';
import { Button, Group, Stack, Text } from '@mantine/core';
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
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
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
        <ChoiceFilter
          label={t.invitations.status}
          any={t.invitations.anyStatus}
          choices={invitationStatuses}
          names={t.invitations.states}
          value={search.status}
          onChange={(status) => change({ status, page: undefined })}
        />
      </Group>
      <PagedPanel
        query={invitations}
        page={search.page}
        onPage={(page) => change({ page })}
        height={420}
        isNarrowed={Object.keys(question).length > 0}
        empty={{
          icon: IconMailOpened,
          title: t.invitations.emptyTitle,
          children: t.invitations.emptyHint,
          action: <Button onClick={creating.open}>{t.invitations.create}</Button>,
        }}
      >
        {(rows) => <InvitationsTable invitations={rows} />}
      </PagedPanel>
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
