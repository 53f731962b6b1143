import {
  Button,
  Divider,
  Group,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';

import { fieldErrors } from '../api/fault-message.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { useSession, useSessionStore } from '../session/use-session.ts';
import { Failed, Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { useAuthRead, useAuthWrite } from './auth-api.ts';
import type { SignedInPerson } from './auth-api.ts';

/** The name, the password and the sessions of who is signed in. */
export function AccountSettings() {
  const person = useSession()?.person;
  if (person === undefined) return <Text size="sm">{t.auth.accountNeedsAccount}</Text>;
  return (
    <Stack maw={520} gap="lg">
      <NameForm person={person} />
      <Divider />
      <PasswordForm />
      <Divider />
      <Sessions />
    </Stack>
  );
}

function NameForm({ person }: { readonly person: SignedInPerson }) {
  const sessions = useSessionStore();
  const form = useForm({ initialValues: { name: person.name } });
  const rename = useAuthWrite(async (api, values: { name: string }, headers) => {
    await api.call('PATCH', '/account', values, headers);
    await sessions.load();
  });
  return (
    <form
      onSubmit={form.onSubmit((values) =>
        rename.mutate(values, { onSuccess: () => notifyDone(t.states.saved) }),
      )}
    >
      <Stack gap="sm">
        <TextInput label={t.auth.email} value={person.email} readOnly />
        <TextInput
          label={t.auth.name}
          required
          {...form.getInputProps('name')}
          error={fieldErrors(rename.error)['name']}
        />
        {rename.error !== null && <Failed fault={rename.error} />}
        <Group>
          <Button type="submit" loading={rename.isPending}>
            {t.auth.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function PasswordForm() {
  const form = useForm({ initialValues: { current_password: '', new_password: '' } });
  const change = useAuthWrite((api, values: typeof form.values, headers) =>
    api.call('POST', '/password', values, headers),
  );
  const refused = fieldErrors(change.error);
  return (
    <form
      onSubmit={form.onSubmit((values) =>
        change.mutate(values, {
          onSuccess() {
            form.reset();
            notifyDone(t.states.saved);
          },
        }),
      )}
    >
      <Stack gap="sm">
        <PasswordInput
          label={t.auth.currentPassword}
          autoComplete="current-password"
          required
          {...form.getInputProps('current_password')}
          error={refused['current_password']}
        />
        <PasswordInput
          label={t.auth.newPassword}
          description={t.auth.passwordHint}
          autoComplete="new-password"
          required
          {...form.getInputProps('new_password')}
          error={refused['new_password']}
        />
        {change.error !== null && <Failed fault={change.error} />}
        <Group>
          <Button type="submit" loading={change.isPending}>
            {t.auth.savePassword}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Sessions() {
  const { timezone } = useWorkspace();
  const sessions = useAuthRead('/sessions');
  const end = useAuthWrite((api, id: string, headers) =>
    api.call('DELETE', `/sessions/${id}`, undefined, headers),
  );
  return (
    <Stack gap="sm">
      <Title order={2} size="h5">
        {t.auth.sessions}
      </Title>
      <Loaded query={sessions}>
        {({ sessions: open }) => (
          <Stack gap="xs">
            {open.map((session) => (
              <Group key={session.id} justify="space-between" wrap="nowrap">
                <div style={{ minWidth: 0 }}>
                  <Text size="sm" truncate>
                    {session.user_agent ?? t.auth.unknownBrowser}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {formatInstant(session.created_at, timezone)}
                  </Text>
                </div>
                {session.current ? (
                  <Text size="xs" style={{ whiteSpace: 'nowrap' }}>
                    {t.auth.thisSession}
                  </Text>
                ) : (
                  <Button
                    size="xs"
                    variant="default"
                    onClick={() => end.mutate(session.id, { onError: notifyFault })}
                  >
                    {t.auth.endSession}
                  </Button>
                )}
              </Group>
            ))}
          </Stack>
        )}
      </Loaded>
    </Stack>
  );
}
