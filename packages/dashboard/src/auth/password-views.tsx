import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';

import { fieldErrors } from '../api/fault-message.ts';
import { t } from '../messages/messages.ts';
import { Failed } from '../ui/loaded.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { useAuthApi } from './auth-api.ts';
import { AuthCard } from './auth-card.tsx';
import { enter } from './enter.ts';
import { useSecret } from './use-secret.ts';

export function ForgotPasswordView() {
  const api = useAuthApi();
  const form = useForm({ initialValues: { email: '' } });
  const send = useMutation({
    mutationFn: (values: { email: string }) => api.call('POST', '/password/forgot', values),
  });
  return (
    <AuthCard title={t.auth.forgot} hint={t.auth.forgotHint}>
      <form onSubmit={form.onSubmit((values) => send.mutate(values))}>
        <Stack gap="sm">
          <TextInput
            label={t.auth.email}
            type="email"
            autoComplete="username"
            required
            {...form.getInputProps('email')}
          />
          {send.error !== null && <Failed fault={send.error} />}
          {send.isSuccess && <Text size="sm">{t.auth.linkSent}</Text>}
          <Button type="submit" loading={send.isPending}>
            {t.auth.sendLink}
          </Button>
          <TextLink to="/sign-in" size="sm">
            {t.auth.signIn}
          </TextLink>
        </Stack>
      </form>
    </AuthCard>
  );
}

/** Where the link in a mail leads. */
export function ResetPasswordView() {
  const api = useAuthApi();
  const token = useSecret();
  const form = useForm({ initialValues: { password: '' } });
  const reset = useMutation({
    mutationFn: ({ password }: { password: string }) =>
      api.call('POST', '/password/reset', { token, password }),
    onSuccess: () => enter('sign-in'),
  });
  return (
    <AuthCard title={t.auth.resetTitle}>
      <form onSubmit={form.onSubmit((values) => reset.mutate(values))}>
        <Stack gap="sm">
          <PasswordInput
            label={t.auth.newPassword}
            description={t.auth.passwordHint}
            autoComplete="new-password"
            required
            {...form.getInputProps('password')}
            error={fieldErrors(reset.error)['password']}
          />
          {reset.error !== null && <Failed fault={reset.error} />}
          <Button type="submit" loading={reset.isPending}>
            {t.auth.savePassword}
          </Button>
        </Stack>
      </form>
    </AuthCard>
  );
}

/** Where a link for signing in leads. A press signs in: programs that open links in mails press nothing. */
export function MagicLinkView() {
  const api = useAuthApi();
  const token = useSecret();
  const open = useMutation({
    mutationFn: () => api.call('POST', '/sign-in/magic-link/verify', { token }),
    onSuccess: () => enter(),
  });
  return (
    <AuthCard title={t.auth.signIn} hint={t.auth.magicHint}>
      {open.error !== null && <Failed fault={open.error} />}
      <Button loading={open.isPending} onClick={() => open.mutate()}>
        {t.auth.signIn}
      </Button>
    </AuthCard>
  );
}
