import { Button, Group, Modal, NumberInput, Stack, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { fieldErrors } from '../api/fault-message.ts';
import { useWrite } from '../api/use-api.ts';
import { ExpiryInput } from '../links/expiry-input.tsx';
import { t } from '../messages/messages.ts';
import { Failed } from '../ui/loaded.tsx';

interface Values {
  name: string;
  description: string;
  usesMax: number | '';
  expiresAt: string;
  emails: string[];
}

export function NewInvitation(props: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onCreated: (token: string) => void;
}) {
  const create = useWrite('createInvitation', ['listInvitations']);
  const form = useForm<Values>({
    initialValues: { name: '', description: '', usesMax: 1, expiresAt: '', emails: [] },
  });
  const refused = fieldErrors(create.error);
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title={t.invitations.create}
      closeButtonProps={{ 'aria-label': t.actions.close }}
    >
      <form
        onSubmit={form.onSubmit(({ name, description, usesMax, expiresAt, emails }) =>
          create.mutate(
            {
              body: {
                ...(name !== '' && { name }),
                ...(description !== '' && { description }),
                ...(emails.length > 0 && { emails }),
                ...(expiresAt !== '' && { expires_at: expiresAt }),
                uses_max: usesMax === '' ? null : usesMax,
              },
            },
            {
              onSuccess: ({ token }) => {
                form.reset();
                props.onCreated(token);
              },
            },
          ),
        )}
      >
        <Stack>
          <TextInput
            label={t.settings.name}
            data-autofocus
            {...form.getInputProps('name')}
            error={refused['name']}
          />
          <TextInput label={t.codes.description} {...form.getInputProps('description')} />
          <NumberInput
            label={t.seats.label}
            description={t.seats.hint}
            min={1}
            allowDecimal={false}
            {...form.getInputProps('usesMax')}
            error={refused['uses_max']}
          />
          <TagsInput
            label={t.invitations.emails}
            description={t.invitations.emailsHint}
            {...form.getInputProps('emails')}
            error={refused['emails']}
          />
          <ExpiryInput {...form.getInputProps('expiresAt')} error={refused['expires_at']} />
          {create.error !== null && <Failed fault={create.error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={create.isPending}>
              {t.invitations.create}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
