import {
  Button,
  Group,
  Modal,
  MultiSelect,
  SegmentedControl,
  Stack,
  TagsInput,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';

import { fieldErrors } from '../api/fault-message.ts';
import { useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { Failed } from '../ui/loaded.tsx';

const scopes = ['read', 'write', 'events:write', 'tracking:write', 'admin'] as const;

interface Values {
  kind: 'secret' | 'publishable';
  name: string;
  scopes: (typeof scopes)[number][];
  hosts: string[];
}

export function NewApiKey(props: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onCreated: (key: string) => void;
}) {
  const create = useWrite('createApiKey', ['listApiKeys']);
  const form = useForm<Values>({
    initialValues: { kind: 'secret', name: '', scopes: ['read', 'write'], hosts: [] },
  });
  const { kind } = form.values;
  const refused = fieldErrors(create.error);
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title={t.keys.create}
      closeButtonProps={{ 'aria-label': t.actions.close }}
    >
      <form
        onSubmit={form.onSubmit((values) =>
          create.mutate(
            {
              body: {
                kind: values.kind,
                name: values.name,
                ...(values.kind === 'secret'
                  ? { scopes: values.scopes }
                  : { allowed_hosts: values.hosts }),
              },
            },
            {
              onSuccess: ({ key }) => {
                form.reset();
                if (key !== undefined) props.onCreated(key);
              },
            },
          ),
        )}
      >
        <Stack>
          <SegmentedControl
            aria-label={t.keys.kind}
            data={(['secret', 'publishable'] as const).map((value) => ({
              value,
              label: t.keys.kinds[value],
            }))}
            {...form.getInputProps('kind')}
          />
          <TextInput
            label={t.settings.name}
            required
            data-autofocus
            {...form.getInputProps('name')}
            error={refused['name']}
          />
          {kind === 'secret' ? (
            <MultiSelect
              label={t.keys.scopes}
              data={scopes.map((scope) => ({ value: scope, label: t.keys.scopeNames[scope] }))}
              {...form.getInputProps('scopes')}
              error={refused['scopes']}
            />
          ) : (
            <TagsInput
              label={t.keys.hosts}
              description={t.keys.hostsHint}
              placeholder="shop.example"
              {...form.getInputProps('hosts')}
              error={refused['allowed_hosts']}
            />
          )}
          {create.error !== null && <Failed fault={create.error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={create.isPending}>
              {t.keys.create}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
