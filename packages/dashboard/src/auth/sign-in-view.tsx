import { useState } from 'react';

import {
  Alert,
  Anchor,
  Button,
  Divider,
  Loader,
  PasswordInput,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';

import { t } from '../messages/messages.ts';
import { useSessionStore } from '../session/use-session.ts';
import { Failed } from '../ui/loaded.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { useAuthApi, useAuthRead } from './auth-api.ts';
import { AuthCard } from './auth-card.tsx';
import { KeyForm } from './key-form.tsx';

/** With a password, a link by mail or an identity provider; with a secret key where nobody has an account yet. */
export function SignInView() {
  const methods = useAuthRead('/methods');
  const [isWithKey, setWithKey] = useState<boolean>();
  if (methods.isPending) return <AuthCard title={t.auth.signIn} hint={<Loader size="sm" />} />;
  const hasAccounts = methods.data?.has_owner === true;
  return (isWithKey ?? !hasAccounts) ? (
    <KeyForm onLeave={hasAccounts ? () => setWithKey(false) : undefined} />
  ) : (
    <AccountForm methods={methods.data!} onKey={() => setWithKey(true)} />
  );
}

function AccountForm(props: {
  readonly methods: NonNullable<ReturnType<typeof useAuthRead<'/methods'>>['data']>;
  readonly onKey: () => void;
}) {
  const { methods } = props;
  const api = useAuthApi();
  const sessions = useSessionStore();
  const form = useForm({ initialValues: { email: '', password: '' } });
  const signIn = useMutation({
    mutationFn: async (values: { email: string; password: string }) => {
      await api.call('POST', '/sign-in', values);
      await sessions.load();
    },
  });
  const sendLink = useMutation({
    mutationFn: (email: string) => api.call('POST', '/sign-in/magic-link', { email }),
  });
  const leave = useMutation({
    mutationFn: async () => location.assign((await api.call('POST', '/sign-in/oidc')).url),
  });
  const fault = signIn.error ?? sendLink.error ?? leave.error;
  const refusedByProvider = new URLSearchParams(location.search).get('error');
  return (
    <AuthCard title={t.auth.signIn}>
      {refusedByProvider !== null && <Alert color="red">{t.auth.providerRefused}</Alert>}
      <form onSubmit={form.onSubmit((values) => signIn.mutate(values))}>
        <Stack gap="sm">
          <TextInput
            label={t.auth.email}
            type="email"
            autoComplete="username"
            required
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label={t.auth.password}
            autoComplete="current-password"
            required
            {...form.getInputProps('password')}
          />
          {fault !== null && <Failed fault={fault} />}
          <Button type="submit" loading={signIn.isPending}>
            {t.auth.signIn}
          </Button>
          {methods.password_reset && (
            <TextLink to="/forgot-password" size="sm">
              {t.auth.forgot}
            </TextLink>
          )}
        </Stack>
      </form>
      {(methods.magic_link || methods.oidc !== null) && <Divider label={t.auth.or} />}
      {methods.magic_link && (
        <Button
          variant="default"
          loading={sendLink.isPending}
          disabled={!form.values.email.includes('@')}
          onClick={() => sendLink.mutate(form.values.email)}
        >
          {t.auth.sendLink}
        </Button>
      )}
      {sendLink.isSuccess && <Text size="sm">{t.auth.linkSent}</Text>}
      {methods.oidc !== null && (
        <Button variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
          {methods.oidc.name}
        </Button>
      )}
      <Anchor component="button" type="button" size="sm" onClick={props.onKey}>
        {t.auth.withKey}
      </Anchor>
    </AuthCard>
  );
}
