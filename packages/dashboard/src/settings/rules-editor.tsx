import type { SourceRule } from '@headwater/client/api';
import {
  ActionIcon,
  Badge,
  Button,
  Card,
  Group,
  Select,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconTrash } from '@tabler/icons-react';

import { useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { Failed } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';

const fields = [
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_content',
  'utm_term',
  'referrer_host',
  'host',
  'path',
] as const;
const operators = ['is', 'begins', 'ends', 'contains'] as const;

/** Asked before the built-in rules, in this order; the first that matches counts. */
export function RulesEditor({ rules }: { readonly rules: readonly SourceRule[] }) {
  const update = useWrite('updateWorkspace', ['getWorkspace']);
  const save = (next: readonly SourceRule[]): void =>
    update.mutate(
      { body: { settings: { source_rules: next.length === 0 ? null : [...next] } } },
      { onSuccess: () => notifyDone(t.states.saved), onError: notifyFault },
    );
  return (
    <Stack gap="sm">
      <Title order={3} size="h5">
        {t.channels.own}
      </Title>
      <Text size="sm" c="dimmed">
        {t.channels.ownHint}
      </Text>
      {rules.map((rule) => (
        <Card key={rule.name} withBorder padding="sm">
          <Group justify="space-between" wrap="nowrap">
            <Group gap="xs">
              <Text fw={600} size="sm">
                {rule.name}
              </Text>
              {rule.when.map((condition) => (
                <Badge key={JSON.stringify(condition)} variant="light" tt="none">
                  {conditionWords(condition)}
                </Badge>
              ))}
              {Object.entries(rule.set).map(([name, value]) => (
                <Badge key={name} tt="none">{`${name} = ${value}`}</Badge>
              ))}
            </Group>
            <ActionIcon
              variant="subtle"
              color="red"
              aria-label={t.channels.remove(rule.name)}
              onClick={() => save(rules.filter((other) => other !== rule))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
        </Card>
      ))}
      <NewRule isBusy={update.isPending} onAdd={(rule) => save([...rules, rule])} />
      {update.error !== null && <Failed fault={update.error} />}
    </Stack>
  );
}

function conditionWords({ field, name, ...tests }: SourceRule['when'][number]): string {
  const [operator, values] = Object.entries(tests)[0] ?? ['exists', true];
  const words = Array.isArray(values) ? values.join(', ') : String(values);
  return `${name ?? field} ${t.channels.operators[operator as 'is'] ?? operator} ${words}`;
}

interface NewRuleValues {
  name: string;
  field: (typeof fields)[number];
  operator: (typeof operators)[number];
  text: string;
  channel: string;
}

function NewRule(props: { readonly isBusy: boolean; readonly onAdd: (rule: SourceRule) => void }) {
  const form = useForm<NewRuleValues>({
    initialValues: {
      name: '',
      field: 'utm_source',
      operator: 'is',
      text: '',
      channel: '',
    },
  });
  return (
    <form
      onSubmit={form.onSubmit((values) => {
        props.onAdd({
          name: values.name.trim(),
          when: [{ field: values.field, [values.operator]: [values.text.trim()] }],
          set: { channel: values.channel.trim() },
        });
        form.reset();
      })}
    >
      <Group align="flex-end" gap="xs">
        <TextInput
          label={t.settings.name}
          required
          flex="1 1 130px"
          {...form.getInputProps('name')}
        />
        <Select
          label={t.channels.where}
          data={[...fields]}
          allowDeselect={false}
          flex="1 1 140px"
          {...form.getInputProps('field')}
        />
        <Select
          label={t.channels.operator}
          data={operators.map((value) => ({ value, label: t.channels.operators[value] }))}
          allowDeselect={false}
          flex="1 1 110px"
          {...form.getInputProps('operator')}
        />
        <TextInput
          label={t.report.value}
          required
          flex="1 1 140px"
          {...form.getInputProps('text')}
        />
        <TextInput
          label={t.dimensions.channel}
          required
          flex="1 1 140px"
          {...form.getInputProps('channel')}
        />
        <Button type="submit" loading={props.isBusy}>
          {t.channels.add}
        </Button>
      </Group>
    </form>
  );
}
