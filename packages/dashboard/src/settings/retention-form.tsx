import type { PrivacyStatement } from '@headwater/client/api';
import { Button, Group, NumberInput, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';

import { fieldErrors } from '../api/fault-message.ts';
import { useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { ask } from '../ui/ask.tsx';
import { Failed } from '../ui/loaded.tsx';
import { notifyDone } from '../ui/notify.ts';

const kinds = [
  'events',
  'machine_events',
  'visits',
  'attribution',
  'click_ids',
  'evidence',
] as const;

type Days = Record<(typeof kinds)[number], number | ''>;

/** How long each kind of data is kept. What is empty is as the preset says. */
export function RetentionForm({ statement }: { readonly statement: PrivacyStatement }) {
  const { settings } = useWorkspace();
  const may = useMay();
  const update = useWrite('updateWorkspace', ['getWorkspace', 'getPrivacyStatement']);
  const stored = (settings['retention'] ?? {}) as Partial<Record<string, number>>;
  const given: Days = {
    events: typeof settings['retention_days'] === 'number' ? settings['retention_days'] : '',
    machine_events: stored['machine_events'] ?? '',
    visits: stored['visits'] ?? '',
    attribution: stored['attribution'] ?? '',
    click_ids: stored['click_ids'] ?? '',
    evidence: stored['evidence'] ?? '',
  };
  const form = useForm<Days>({ initialValues: given });
  const refused = fieldErrors(update.error);
  const save = ({ events, ...others }: Days): void => {
    const own = Object.entries(others).filter(([, days]) => days !== '');
    update.mutate(
      {
        body: {
          settings: {
            retention_days: events === '' ? null : events,
            retention: own.length === 0 ? null : Object.fromEntries(own),
          },
        },
      },
      { onSuccess: () => notifyDone(t.states.saved) },
    );
  };
  const askToSave = (values: Days): void => {
    // What is older than the new days goes for good. Without days of its own a kind is kept as the preset says, which may
    // be shorter.
    const isShorter = kinds.some((kind) => {
      const days = values[kind];
      return days === '' ? given[kind] !== '' : days < (statement.retention_days[kind] ?? Infinity);
    });
    if (!isShorter) return save(values);
    ask({
      title: t.privacy.shorterTitle,
      hint: t.privacy.shorterHint,
      confirm: t.actions.save,
      onConfirm: () => save(values),
    });
  };
  return (
    <form onSubmit={form.onSubmit(askToSave)}>
      <Stack gap="sm">
        <Title order={3} size="h5">
          {t.privacy.retention}
        </Title>
        <Text size="sm" c="dimmed">
          {t.privacy.retentionHint}
        </Text>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
          {kinds.map((kind) => {
            const now = statement.retention_days[kind];
            return (
              <NumberInput
                key={kind}
                label={t.privacy.retentionKinds[kind]}
                description={t.privacy.retentionKindHints[kind]}
                placeholder={now === null ? t.privacy.forEver : String(now)}
                min={1}
                max={36_500}
                allowDecimal={false}
                disabled={!may.manage}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                {...form.getInputProps(kind)}
                error={
                  refused[
                    kind === 'events' ? 'settings.retention_days' : `settings.retention.${kind}`
                  ]
                }
              />
            );
          })}
        </SimpleGrid>
        {update.error !== null && <Failed fault={update.error} />}
        {may.manage && (
          <Group>
            <Button type="submit" loading={update.isPending}>
              {t.actions.save}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}
