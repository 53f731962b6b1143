import type { ConnectorResponse } from '@headwater/client/api';
import {
  Button,
  Checkbox,
  Group,
  NumberInput,
  PasswordInput,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';

import { fieldErrors } from '../api/fault-message.ts';
import { useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { Failed } from '../ui/loaded.tsx';
import { notifyDone } from '../ui/notify.ts';
import { toldTypes } from './told-types.ts';

type Setting = ConnectorResponse['settings'][number];

interface Values {
  credentials: Record<string, string>;
  settings: Record<string, string | number | boolean>;
  eventTypes: string[];
  test: boolean;
}

/** What the connector declares that it needs; what is stored as a secret is never shown again. */
export function ConnectorForm({ connector }: { readonly connector: ConnectorResponse }) {
  const update = useWrite('updateConnector', ['listConnectors', 'getConnector']);
  const form = useForm<Values>({
    initialValues: {
      credentials: Object.fromEntries(connector.credentials.map(({ name }) => [name, ''])),
      settings: Object.fromEntries(connector.settings.map(({ name, value }) => [name, value])),
      eventTypes: toldTypes(connector),
      test: connector.test,
    },
  });
  const refused = fieldErrors(update.error);
  const save = ({ credentials, settings, eventTypes, test }: Values): void => {
    const typed = Object.entries(credentials).filter(([, value]) => value !== '');
    update.mutate(
      {
        type: connector.type,
        body: {
          event_types: eventTypes as 'sale'[],
          ...(connector.test_mode !== null && { test }),
          settings: changedSettings(connector, settings),
          ...(typed.length > 0 && { credentials: Object.fromEntries(typed) }),
        },
      },
      {
        onSuccess: () => {
          notifyDone(t.states.saved);
          // What was typed is stored now, and is not to be shown.
          for (const [name] of typed) form.setFieldValue(`credentials.${name}`, '');
        },
      },
    );
  };
  return (
    <form onSubmit={form.onSubmit(save)}>
      <Stack>
        {connector.credentials.map((field) => {
          const Input = field.secret ? PasswordInput : TextInput;
          return (
            <Input
              key={field.name}
              label={field.optional ? t.connectors.optional(field.label) : field.label}
              description={field.description}
              placeholder={field.is_set ? t.connectors.stored : ''}
              autoComplete="off"
              {...form.getInputProps(`credentials.${field.name}`)}
              error={refused[`credentials.${field.name}`]}
            />
          );
        })}
        {connector.settings.map((field) => (
          <SettingInput
            key={field.name}
            field={field}
            input={form.getInputProps(`settings.${field.name}`, {
              type: field.type === 'boolean' ? 'checkbox' : 'input',
            })}
            error={refused[`settings.${field.name}`]}
          />
        ))}
        <Checkbox.Group label={t.connectors.told} {...form.getInputProps('eventTypes')}>
          <Group gap="md" pt={6}>
            {connector.supported_event_types.map((type) => (
              <Checkbox key={type} value={type} label={t.eventTypes[type as 'sale']} />
            ))}
          </Group>
        </Checkbox.Group>
        {connector.test_mode === null ? (
          <Text size="sm" c="dimmed">
            {t.connectors.noTestMode}
          </Text>
        ) : (
          <Switch
            label={t.connectors.testMode}
            description={connector.test_mode}
            {...form.getInputProps('test', { type: 'checkbox' })}
          />
        )}
        {connector.required_signals.length > 0 && (
          <Text size="xs" c="dimmed">
            {t.connectors.needs(connector.required_signals.map((group) => group.join(' / ')))}
          </Text>
        )}
        {update.error !== null && <Failed fault={update.error} />}
        <Group>
          <Button type="submit" loading={update.isPending}>
            {t.actions.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Only what was changed; what was emptied has its default again. */
function changedSettings(
  connector: ConnectorResponse,
  settings: Values['settings'],
): Record<string, string | number | boolean | null> {
  return Object.fromEntries(
    connector.settings
      .filter(({ name, value }) => settings[name] !== value)
      .map(({ name }) => [name, settings[name] === '' ? null : (settings[name] ?? null)]),
  );
}

function SettingInput(props: {
  readonly field: Setting;
  readonly input: object;
  readonly error: string | undefined;
}) {
  const { field, input, error } = props;
  const shared = { label: field.label, description: field.description, ...input, error };
  if (field.choices !== undefined)
    return <Select data={field.choices} allowDeselect={false} {...shared} />;
  if (field.type === 'boolean') return <Switch {...shared} />;
  if (field.type === 'integer') return <NumberInput allowDecimal={false} {...shared} />;
  return <TextInput {...shared} />;
}
