import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';

import { fieldErrors } from '../api/fault-message.ts';
import { t } from '../messages/messages.ts';
import { useKnownSession, useSession } from '../session/use-session.ts';
import { Failed, Loaded } from '../ui/loaded.tsx';
import { useAuthApi } from './auth-api.ts';
import { AuthCard } from './auth-card.tsx';
import { enter } from './enter.ts';
import { SignInView } from './sign-in-view.tsx';
import { useSecret } from './use-secret.ts';

/** Where an invitation into the team leads. */
export function JoinView() {
  const api = useAuthApi();
  const token = useSecret();
  const isKnown = useKnownSession();
  const person = useSession()?.person;
  const invitation = useQuery({
    queryKey: ['auth', 'join', token],
    queryFn: () => api.call('POST', '/join/check', { token }),
    retry: false,
  });
  const join = useMutation({
    mutationFn: (values: { name?: string; password?: string }) =>
      api.call('POST', '/join', { token, ...values }),
    onSuccess: () => enter(),
  });
  const isSignedIn = isKnown && person !== undefined;
  // Somebody with an account signs in here, and then accepts.
  if (invitation.data?.has_account === true && isKnown && !isSignedIn) return <SignInView />;
  return (
    <AuthCard title={t.auth.join}>
      <Loaded query={invitation} height={120}>
        {(shown) => (
          <Stack gap="sm">
            {t.auth.joinHint(shown.email, shown.workspace, t.auth.roles[shown.role])}
            {isSignedIn ? (
              <Button loading={join.isPending} onClick={() => join.mutate({})}>
                {t.auth.joinAs(person.email)}
              </Button>
            ) : (
              <NewMember
                email={shown.email}
                fault={join.error}
                isPending={join.isPending}
                onSubmit={(values) => join.mutate(values)}
              />
            )}
            {join.error !== null && <Failed fault={join.error} />}
          </Stack>
        )}
      </Loaded>
    </AuthCard>
  );
}

function NewMember(props: {
  readonly email: string;
  readonly fault: Error | null;
  readonly isPending: boolean;
  readonly onSubmit: (values: { name: string; password: string }) => void;
}) {
  const form = useForm({ initialValues: { name: '', password: '' } });
  const refused = fieldErrors(props.fault);
  return (
    <form onSubmit={form.onSubmit(props.onSubmit)}>
      <Stack gap="sm">
        <TextInput label={t.auth.email} value={props.email} readOnly autoComplete="username" />
        <TextInput
          label={t.auth.name}
          autoComplete="name"
          required
          {...form.getInputProps('name')}
          error={refused['name']}
        />
        <PasswordInput
          label={t.auth.newPassword}
          description={t.auth.passwordHint}
          autoComplete="new-password"
          required
          {...form.getInputProps('password')}
          error={refused['password']}
        />
        <Button type="submit" loading={props.isPending}>
          {t.auth.makeAccount}
        </Button>
      </Stack>
    </form>
  );
}
