import {
  Autocomplete,
  PasswordInput,
  SegmentedControl,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';

import { fieldErrors } from '../api/fault-message.ts';
import { useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { FormDialog } from '../ui/form-dialog.tsx';

interface Values {
  provider: string;
  name: string;
  mode: 'live' | 'test';
  secret: string;
  trusted: boolean;
}

export function PaymentSourceForm(props: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const navigate = useNavigate();
  const create = useWrite('createPaymentSource', ['listPaymentSources']);
  const form = useForm<Values>({
    initialValues: { provider: 'stripe', name: '', mode: 'live', secret: '', trusted: true },
  });
  const refused = fieldErrors(create.error);
  const save = ({ provider, name, mode, secret, trusted }: Values): void =>
    create.mutate(
      {
        body: {
          provider,
          mode,
          payer_reference: trusted ? 'trusted' : 'ignored',
          ...(name !== '' && { name }),
          ...(secret !== '' && { secret }),
        },
      },
      {
        onSuccess: ({ id }) => {
          form.reset();
          props.onClose();
          void navigate({ to: '/payments/$id', params: { id } });
        },
      },
    );
  return (
    <FormDialog
      title={t.payments.create}
      isOpen={props.isOpen}
      onClose={props.onClose}
      onSubmit={form.onSubmit(save)}
      submit={t.payments.create}
      isBusy={create.isPending}
      fault={create.error}
    >
      <Autocomplete
        label={t.payments.provider}
        description={t.payments.providerHint}
        data={['stripe']}
        required
        {...form.getInputProps('provider')}
        error={refused['provider']}
      />
      <TextInput
        label={t.settings.name}
        data-autofocus
        {...form.getInputProps('name')}
        error={refused['name']}
      />
      <SegmentedControl
        aria-label={t.payments.mode}
        data={[
          { value: 'live', label: t.payments.modes.live },
          { value: 'test', label: t.payments.modes.test },
        ]}
        {...form.getInputProps('mode')}
      />
      <Text size="xs" c="dimmed">
        {t.payments.modeHint}
      </Text>
      <Switch
        label={t.payments.trusted}
        description={t.payments.trustedHint}
        {...form.getInputProps('trusted', { type: 'checkbox' })}
      />
      <PasswordInput
        label={t.connectors.optional(t.payments.secret)}
        description={t.payments.secretHint}
        autoComplete="off"
        {...form.getInputProps('secret')}
        error={refused['secret']}
      />
    </FormDialog>
  );
}
