import { useState } from 'react';

import {
  Badge,
  Button,
  Group,
  Select,
  Stack,
  Text,
  TextInput,
  VisuallyHidden,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { modals } from '@mantine/modals';
import type { ColumnDef } from '@tanstack/react-table';

import { fieldErrors } from '../api/fault-message.ts';
import { t } from '../messages/messages.ts';
import { useSession } from '../session/use-session.ts';
import { DataTable } from '../ui/data-table.tsx';
import { Failed, Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import { roles, useAuthRead, useAuthWrite } from './auth-api.ts';
import type { Role, Team, TeamInvitation } from './auth-api.ts';

type Member = Team['members'][number];

/** Who may sign in to this workspace, and as what. */
export function TeamSettings() {
  const role = useSession()?.workspace?.role;
  if (role === undefined) return <Text size="sm">{t.auth.teamNeedsAccount}</Text>;
  return <TeamOf role={role} />;
}

function TeamOf({ role }: { readonly role: Role }) {
  const team = useAuthRead('/team');
  const mayManage = role === 'owner' || role === 'admin';
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t.auth.teamIntro}
      </Text>
      {mayManage && <InviteForm role={role} />}
      <Loaded query={team}>
        {({ members, invitations }) => (
          <Stack>
            <MembersTable members={members} role={role} />
            {invitations.length > 0 && <InvitationsTable invitations={invitations} />}
          </Stack>
        )}
      </Loaded>
    </Stack>
  );
}

/** The roles that somebody may give: owners are for owners. */
function rolesFor(role: Role): { value: Role; label: string }[] {
  return roles
    .filter((one) => role === 'owner' || one !== 'owner')
    .map((value) => ({ value, label: t.auth.roles[value] }));
}

function InviteForm({ role }: { readonly role: Role }) {
  const [link, setLink] = useState<string>();
  const form = useForm<{ email: string; role: Role }>({
    initialValues: { email: '', role: 'member' },
  });
  const invite = useAuthWrite((api, input: { email: string; role: Role }, headers) =>
    api.call('POST', '/team/invitations', input, headers),
  );
  const submit = form.onSubmit((values) =>
    invite.mutate(values, {
      onSuccess(sent) {
        form.reset();
        if (sent.url === null) notifyDone(t.auth.invited(sent.email));
        else setLink(sent.url);
      },
    }),
  );
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <Group align="flex-end" gap="xs">
          <TextInput
            label={t.auth.email}
            type="email"
            required
            flex={1}
            miw={200}
            {...form.getInputProps('email')}
            error={fieldErrors(invite.error)['email']}
          />
          <Select
            label={t.auth.role}
            allowDeselect={false}
            data={rolesFor(role)}
            w={140}
            {...form.getInputProps('role')}
          />
          <Button type="submit" loading={invite.isPending}>
            {t.auth.invite}
          </Button>
        </Group>
        {invite.error !== null && <Failed fault={invite.error} />}
      </Stack>
      <SecretDialog
        title={t.auth.invitationLink}
        secret={link}
        onClose={() => setLink(undefined)}
      />
    </form>
  );
}

function MembersTable(props: { readonly members: readonly Member[]; readonly role: Role }) {
  const { role } = props;
  const change = useAuthWrite((api, input: { id: string; role: Role }, headers) =>
    api.call('PATCH', `/team/members/${input.id}`, { role: input.role }, headers),
  );
  const remove = useAuthWrite((api, id: string, headers) =>
    api.call('DELETE', `/team/members/${id}`, undefined, headers),
  );
  const mayChange = (member: Member): boolean =>
    role === 'owner' || (role === 'admin' && member.role !== 'owner');
  const askToRemove = (member: Member) =>
    modals.openConfirmModal({
      title: member.you ? t.auth.leaveTitle : t.auth.removeTitle(member.name),
      children: <Text size="sm">{t.auth.removeHint}</Text>,
      labels: { confirm: member.you ? t.auth.leave : t.auth.remove, cancel: t.actions.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        remove.mutate(member.id, {
          onSuccess: () => notifyDone(t.auth.removed(member.name)),
          onError: notifyFault,
        }),
    });
  const columns: ColumnDef<Member>[] = [
    {
      id: 'member',
      header: t.auth.member,
      cell: ({ row: { original: member } }) => (
        <Stack gap={0}>
          <Group gap={6}>
            <Text size="sm" fw={600}>
              {member.name}
            </Text>
            {member.you && (
              <Badge size="xs" variant="light" tt="none">
                {t.auth.you}
              </Badge>
            )}
          </Group>
          <Text size="xs" c="dimmed">
            {member.email}
          </Text>
        </Stack>
      ),
    },
    {
      id: 'role',
      header: t.auth.role,
      cell: ({ row: { original: member } }) =>
        mayChange(member) ? (
          <Select
            aria-label={t.auth.roleOf(member.name)}
            size="xs"
            w={140}
            allowDeselect={false}
            data={rolesFor(role)}
            value={member.role}
            onChange={(next) => {
              if (next !== null)
                change.mutate({ id: member.id, role: next }, { onError: notifyFault });
            }}
          />
        ) : (
          t.auth.roles[member.role]
        ),
    },
    {
      id: 'remove',
      header: () => <VisuallyHidden>{t.actions.more}</VisuallyHidden>,
      meta: { align: 'right', width: 120 },
      cell: ({ row: { original: member } }) =>
        (member.you || mayChange(member)) && (
          <Button
            size="xs"
            variant="subtle"
            color="red"
            aria-label={member.you ? t.auth.leave : t.auth.removeWho(member.name)}
            onClick={() => askToRemove(member)}
          >
            {member.you ? t.auth.leave : t.auth.remove}
          </Button>
        ),
    },
  ];
  return (
    <DataTable
      label={t.auth.members}
      columns={columns}
      rows={props.members}
      rowKey={(member) => member.id}
      minWidth={520}
    />
  );
}

function InvitationsTable(props: { readonly invitations: readonly TeamInvitation[] }) {
  const [link, setLink] = useState<string>();
  const renew = useAuthWrite(
    (api, id: string, headers) =>
      api.call(
        'POST',
        `/team/invitations/${id}/renew`,
        undefined,
        headers,
      ) as Promise<unknown> as Promise<{
        url: string | null;
        email: string;
      }>,
  );
  const withdraw = useAuthWrite((api, id: string, headers) =>
    api.call('DELETE', `/team/invitations/${id}`, undefined, headers),
  );
  const columns: ColumnDef<TeamInvitation>[] = [
    { id: 'email', header: t.auth.invitedPeople, cell: ({ row }) => row.original.email },
    { id: 'role', header: t.auth.role, cell: ({ row }) => t.auth.roles[row.original.role] },
    {
      id: 'actions',
      header: () => <VisuallyHidden>{t.actions.more}</VisuallyHidden>,
      meta: { align: 'right' },
      cell: ({ row: { original: invitation } }) => (
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <Button
            size="xs"
            variant="subtle"
            onClick={() =>
              renew.mutate(invitation.id, {
                onSuccess: (sent) =>
                  sent.url === null ? notifyDone(t.auth.invited(sent.email)) : setLink(sent.url),
                onError: notifyFault,
              })
            }
          >
            {t.auth.sendAgain}
          </Button>
          <Button
            size="xs"
            variant="subtle"
            color="red"
            onClick={() => withdraw.mutate(invitation.id, { onError: notifyFault })}
          >
            {t.auth.withdraw}
          </Button>
        </Group>
      ),
    },
  ];
  return (
    <>
      <DataTable
        label={t.auth.invitedPeople}
        columns={columns}
        rows={props.invitations}
        rowKey={(invitation) => invitation.id}
        minWidth={520}
      />
      <SecretDialog
        title={t.auth.invitationLink}
        secret={link}
        onClose={() => setLink(undefined)}
      />
    </>
  );
}
