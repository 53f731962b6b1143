import { useState } from 'react';

import type { WaitlistEntryResponse } from '@headwater/client/api';
import { Button, Group, NumberInput, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconHourglass } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { fieldErrors } from '../api/fault-message.ts';
import { useApi, useRead, useWrite } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatNumber } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { ask } from '../ui/ask.tsx';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { columnsOf } from '../ui/column.ts';
import { saveCsv } from '../ui/csv.ts';
import { DataTable } from '../ui/data-table.tsx';
import { ExportButton } from '../ui/export-button.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { waitlistStatuses } from './waitlist-search.ts';
import type { WaitlistSearch } from './waitlist-search.ts';

/** Who waits to be let in, and how they are invited. */
export function WaitlistView() {
  const search: WaitlistSearch = useSearch({ strict: false });
  const change = useSearchChange<WaitlistSearch>();
  const api = useApi();
  const [isInviting, inviting] = useDisclosure();
  const question = search.status === undefined ? {} : { status: search.status };
  const entries = useRead('listWaitlist', { ...question, ...pageWindow(search.page) });
  return (
    <Page
      title={t.nav.waitlist}
      description={t.waitlist.intro}
      actions={
        <>
          <ExportButton
            fileName="waitlist.csv"
            read={() => api.exportWaitlist({ ...question, format: 'csv' })}
          />
          <Button size="xs" onClick={inviting.open}>
            {t.waitlist.invite}
          </Button>
        </>
      }
    >
      <Group gap="sm">
        <ChoiceFilter
          label={t.keys.state}
          any={t.dispatches.anyStatus}
          choices={waitlistStatuses}
          names={t.waitlist.statuses}
          value={search.status}
          onChange={(status) => change({ status, page: undefined })}
        />
      </Group>
      <PagedPanel
        query={entries}
        page={search.page}
        onPage={(page) => change({ page })}
        isNarrowed={search.status !== undefined}
        empty={{
          icon: IconHourglass,
          title: t.waitlist.emptyTitle,
          children: t.waitlist.emptyHint,
        }}
      >
        {(rows) => <WaitlistTable entries={rows} />}
      </PagedPanel>
      <InviteForm isOpen={isInviting} onClose={inviting.close} />
    </Page>
  );
}

const colors = { waiting: 'yellow', invited: 'teal', left: 'gray' } as const;

const column = columnsOf<WaitlistEntryResponse>();

function WaitlistTable({ entries }: { readonly entries: readonly WaitlistEntryResponse[] }) {
  const { timezone } = useWorkspace();
  const leave = useWrite('leaveWaitlist', ['listWaitlist']);
  const askToRemove = ({ id, email, name }: WaitlistEntryResponse) =>
    ask({
      title: t.waitlist.removeTitle(name ?? email ?? ''),
      hint: t.waitlist.removeHint,
      confirm: t.domains.remove,
      onConfirm: () => leave.mutate({ id }, { onError: notifyFault }),
    });
  return (
    <DataTable
      label={t.nav.waitlist}
      rows={entries}
      rowKey={({ id }) => id}
      minWidth={760}
      columns={[
        column(t.events.who, ({ email, name }) => (
          <>
            <Text size="sm" fw={600}>
              {name ?? email ?? t.codes.forgotten}
            </Text>
            {name !== null && (
              <Text size="xs" c="dimmed">
                {email}
              </Text>
            )}
          </>
        )),
        column(t.keys.state, ({ status }) => (
          <StateBadge color={colors[status]}>{t.waitlist.statuses[status]}</StateBadge>
        )),
        column(t.codes.code, ({ code }) => <code>{code}</code>),
        column(t.waitlist.referrals, ({ referrals }) => formatNumber(referrals), {
          align: 'right',
        }),
        column(t.waitlist.joined, ({ joined_at }) => formatInstant(joined_at, timezone)),
        column(
          t.actions.more,
          (entry) =>
            entry.status === 'waiting' && (
              <Button
                size="compact-xs"
                variant="default"
                aria-label={t.waitlist.removeTitle(entry.email ?? '')}
                onClick={() => askToRemove(entry)}
              >
                {t.domains.remove}
              </Button>
            ),
          { align: 'right' },
        ),
      ]}
    />
  );
}

/** Invites the next; the tokens are told this once, so they are saved as a file. */
function InviteForm(props: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const invite = useWrite('inviteFromWaitlist', ['listWaitlist', 'listInvitations']);
  const [count, setCount] = useState<number | string>(1);
  const form = useForm({ initialValues: {} });
  return (
    <FormDialog
      title={t.waitlist.invite}
      isOpen={props.isOpen}
      onClose={props.onClose}
      submit={t.waitlist.inviteAndSave}
      isBusy={invite.isPending}
      fault={invite.error}
      onSubmit={form.onSubmit(() =>
        invite.mutate(
          { body: { count: Number(count) } },
          {
            onSuccess: (invited) => {
              notifyDone(t.waitlist.invited(invited.length));
              if (invited.length > 0)
                saveCsv(
                  'invited.csv',
                  ['email', 'name', 'token'],
                  invited.map(({ entry, invitation }) => [
                    entry.email,
                    entry.name,
                    invitation.token,
                  ]),
                );
              props.onClose();
            },
          },
        ),
      )}
    >
      <NumberInput
        label={t.waitlist.count}
        description={t.waitlist.countHint}
        min={1}
        max={100}
        allowDecimal={false}
        data-autofocus
        value={count}
        onChange={setCount}
        error={fieldErrors(invite.error)['count']}
      />
    </FormDialog>
  );
}
