import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';

import { fieldErrors } from '../api/fault-message.ts';
import { t } from '../messages/messages.ts';
import { Failed } from '../ui/loaded.tsx';
import { useAuthApi } from './auth-api.ts';
import { AuthCard } from './auth-card.tsx';
import { enter } from './enter.ts';
import { useSecret } from './use-secret.ts';

/** Where an owner link leads: makes the owner's account. */
export function SetUpView() {
  const api = useAuthApi();
  const token = useSecret();
  const form = useForm({ initialValues: { name: '', email: '', password: '' } });
  const claim = useMutation({
    mutationFn: (values: typeof form.values) => api.call('POST', '/owner', { token, ...values }),
    onSuccess: () => enter(),
  });
  const refused = fieldErrors(claim.error);
  return (
    <AuthCard title={t.auth.setUp} hint={t.auth.setUpHint}>
      <form onSubmit={form.onSubmit((values) => claim.mutate(values))}>
        <Stack gap="sm">
          <TextInput
            label={t.auth.name}
            autoComplete="name"
            required
            {...form.getInputProps('name')}
            error={refused['name']}
          />
          <TextInput
            label={t.auth.email}
            type="email"
            autoComplete="username"
            required
            {...form.getInputProps('email')}
            error={refused['email']}
          />
          <PasswordInput
            label={t.auth.newPassword}
            description={t.auth.passwordHint}
            autoComplete="new-password"
            required
            {...form.getInputProps('password')}
            error={refused['password']}
          />
          {claim.error !== null && <Failed fault={claim.error} />}
          <Button type="submit" loading={claim.isPending}>
            {t.auth.makeAccount}
          </Button>
        </Stack>
      </form>
    </AuthCard>
  );
}
