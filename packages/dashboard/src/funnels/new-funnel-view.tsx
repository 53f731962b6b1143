import type { FunnelStep } from '@headwater/client/api';
import {
  ActionIcon,
  Button,
  Card,
  Group,
  NumberInput,
  Select,
  Stack,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';

import { useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { Failed } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';

type EventType = keyof typeof t.eventTypes;

interface StepValues {
  key: number;
  type: EventType;
  /** The path of a page view, or the name of a custom event. */
  value: string;
}

interface Values {
  name: string;
  windowDays: number;
  steps: StepValues[];
}

const types: readonly EventType[] = [
  'pageview',
  'link_click',
  'identify',
  'registration',
  'lead',
  'sale',
  'custom',
];

export function NewFunnelView() {
  const navigate = useNavigate();
  const create = useWrite('createFunnel', ['listFunnels']);
  const form = useForm<Values>({
    initialValues: {
      name: '',
      windowDays: 14,
      steps: [
        { key: 1, type: 'pageview', value: '/' },
        { key: 2, type: 'lead', value: '' },
        { key: 3, type: 'sale', value: '' },
      ],
    },
  });
  const { steps } = form.values;
  return (
    <Page title={t.funnels.create} description={t.funnels.createHint}>
      <form
        onSubmit={form.onSubmit((values) =>
          create.mutate(
            {
              body: {
                name: values.name,
                conversion_window_days: values.windowDays,
                steps: values.steps.map(toStep),
              },
            },
            {
              onSuccess: (funnel) =>
                void navigate({ to: '/funnels/$id', params: { id: funnel.id } }),
            },
          ),
        )}
      >
        <Panel>
          <Stack maw={720}>
            <TextInput
              label={t.settings.name}
              required
              data-autofocus
              {...form.getInputProps('name')}
            />
            <NumberInput
              label={t.funnels.window}
              min={1}
              max={365}
              allowDecimal={false}
              maw={260}
              {...form.getInputProps('windowDays')}
            />
            {steps.map((step, index) => (
              <Card key={step.key} withBorder padding="sm">
                <Group align="flex-end" gap="sm">
                  <Select
                    label={t.funnels.step(index + 1)}
                    data={types.map((type) => ({ value: type, label: t.eventTypes[type] }))}
                    allowDeselect={false}
                    w={180}
                    {...form.getInputProps(`steps.${index}.type`)}
                  />
                  {(step.type === 'pageview' || step.type === 'custom') && (
                    <TextInput
                      label={step.type === 'pageview' ? t.funnels.path : t.dimensions.event_name}
                      description={step.type === 'pageview' ? t.funnels.pathHint : undefined}
                      inputWrapperOrder={['label', 'input', 'description']}
                      flex="1 1 200px"
                      {...form.getInputProps(`steps.${index}.value`)}
                    />
                  )}
                  <ActionIcon
                    variant="subtle"
                    color="red"
                    size="lg"
                    disabled={steps.length < 3}
                    aria-label={t.funnels.removeStep(index + 1)}
                    onClick={() => form.removeListItem('steps', index)}
                  >
                    <IconTrash size={16} aria-hidden />
                  </ActionIcon>
                </Group>
              </Card>
            ))}
            {create.error !== null && <Failed fault={create.error} />}
            <Group justify="space-between">
              <Button
                variant="default"
                leftSection={<IconPlus size={14} aria-hidden />}
                onClick={() =>
                  form.insertListItem('steps', {
                    key: Math.max(...steps.map(({ key }) => key)) + 1,
                    type: 'pageview',
                    value: '',
                  })
                }
              >
                {t.funnels.addStep}
              </Button>
              <Button type="submit" loading={create.isPending}>
                {t.actions.save}
              </Button>
            </Group>
          </Stack>
        </Panel>
      </form>
    </Page>
  );
}

function toStep({ type, value }: StepValues): FunnelStep {
  const text = value.trim();
  if (type === 'pageview' && text !== '')
    return {
      filters: [
        { kind: 'event', type },
        text.includes('*')
          ? { kind: 'url', match: 'wildcard', value: text }
          : { kind: 'url', match: 'equals', value: text },
      ],
      label: text,
    };
  return {
    filters: [{ kind: 'event', type, ...(type === 'custom' && text !== '' && { name: text }) }],
  };
}
