import type { InvitationResponse } from '@headwater/client/api';
import { Button, SimpleGrid, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconUserPlus } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';

import { useRead, useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatNumber, nothing } from '../format/number.ts';
import { formatDay, formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { Redemptions } from '../codes/redemptions.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { Seats } from '../ui/seats.tsx';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import { InvitationBadge } from './invitation-badge.tsx';
import { InvitationProgress } from './invitation-progress.tsx';

/** One invitation: who used it for what, and whether it lets anybody in. */
export function InvitationView() {
  const { id = '' } = useParams({ strict: false });
  const { timezone } = useWorkspace();
  const invitation = useRead('getInvitation', { id }, { keepsPrevious: false });
  return (
    <Loaded query={invitation} height={500}>
      {(found) => (
        <Page
          title={found.name ?? t.invitations.unnamed}
          description={
            <>
              <InvitationBadge invitation={found} /> {found.description}
            </>
          }
          actions={<InvitationActions invitation={found} />}
        >
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
            <StatCard
              label={t.seats.label}
              value={formatNumber(found.uses)}
              details={<Seats uses={found.uses} max={found.uses_max} />}
            />
            <StatCard
              label={t.links.expiry}
              value={
                found.expires_at === null ? t.links.never : formatDay(found.expires_at, timezone)
              }
            />
            <StatCard label={t.invitations.token} value={`${found.token_prefix}…`} />
            <StatCard
              label={t.invitations.emails}
              value={[...found.emails, ...found.email_domains].join(', ') || nothing}
            />
          </SimpleGrid>
          <InvitationProgress id={id} />
          <Panel title={t.invitations.usages} flush>
            <Usages id={id} />
          </Panel>
          <Panel title={t.codes.redemptions} flush>
            <Redemptions question={{ invitation_id: id }} />
          </Panel>
        </Page>
      )}
    </Loaded>
  );
}

const stale = ['listInvitations', 'getInvitation'] as const;

function InvitationActions({ invitation }: { readonly invitation: InvitationResponse }) {
  const { id, status } = invitation;
  const [token, setToken] = useState<string>();
  const pause = useWrite('pauseInvitation', stale);
  const resume = useWrite('resumeInvitation', stale);
  const revoke = useWrite('revokeInvitation', stale);
  const renew = useWrite('renewInvitation', stale);
  const told = { onSuccess: () => notifyDone(t.states.saved), onError: notifyFault };
  const askToRevoke = () =>
    modals.openConfirmModal({
      title: t.invitations.revokeTitle,
      children: <Text size="sm">{t.invitations.revokeHint}</Text>,
      labels: { confirm: t.invitations.revoke, cancel: t.actions.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () => revoke.mutate({ id }, told),
    });
  if (status === 'revoked' || invitation.archived_at !== null) return null;
  return (
    <>
      {status === 'paused' ? (
        <Button size="xs" variant="default" onClick={() => resume.mutate({ id }, told)}>
          {t.invitations.resume}
        </Button>
      ) : (
        <Button size="xs" variant="default" onClick={() => pause.mutate({ id }, told)}>
          {t.invitations.pause}
        </Button>
      )}
      <Button
        size="xs"
        variant="default"
        loading={renew.isPending}
        onClick={() =>
          renew.mutate(
            { id, body: {} },
            { onSuccess: ({ token: fresh }) => setToken(fresh), onError: notifyFault },
          )
        }
      >
        {t.invitations.renew}
      </Button>
      <Button size="xs" color="red" variant="light" onClick={askToRevoke}>
        {t.invitations.revoke}
      </Button>
      <SecretDialog
        title={t.invitations.tokenTitle}
        secret={token}
        onClose={() => setToken(undefined)}
      />
    </>
  );
}

function Usages({ id }: { readonly id: string }) {
  const { timezone } = useWorkspace();
  const usages = useRead('listInvitationUsages', { id, limit: 100 });
  return (
    <Loaded
      query={usages}
      empty={
        <EmptyState icon={IconUserPlus} title={t.invitations.noUsages}>
          {t.invitations.noUsagesHint}
        </EmptyState>
      }
    >
      {(rows) => (
        <DataTable
          label={t.invitations.usages}
          rows={rows}
          rowKey={(usage) => usage.id}
          columns={[
            {
              id: 'when',
              header: t.events.when,
              cell: ({ row }) => formatInstant(row.original.inserted_at, timezone),
            },
            { id: 'action', header: t.events.what, cell: ({ row }) => row.original.action },
            {
              id: 'who',
              header: t.events.who,
              cell: ({ row: { original: usage } }) =>
                `${usage.entity.type} ${usage.entity.id ?? t.codes.forgotten}`,
            },
          ]}
        />
      )}
    </Loaded>
  );
}
