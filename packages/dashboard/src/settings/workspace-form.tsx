import { Button, Group, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { fieldErrors } from '../api/fault-message.ts';
import { useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { t } from '../messages/messages.ts';
import { Failed } from '../ui/loaded.tsx';
import { notifyDone } from '../ui/notify.ts';

export function WorkspaceForm() {
  const workspace = useWorkspace();
  const update = useWrite('updateWorkspace', ['getWorkspace']);
  const ownHosts = workspace.settings['own_hosts'];
  const form = useForm({
    initialValues: {
      name: workspace.name,
      slug: workspace.slug,
      currency: workspace.currency,
      timezone: workspace.timezone,
      ownHosts: Array.isArray(ownHosts) ? (ownHosts as string[]) : [],
    },
  });
  const refused = fieldErrors(update.error);
  return (
    <form
      onSubmit={form.onSubmit(({ ownHosts: hosts, ...values }) =>
        update.mutate(
          { body: { ...values, settings: { own_hosts: hosts } } },
          { onSuccess: () => notifyDone(t.states.saved) },
        ),
      )}
    >
      <Stack maw={520}>
        <TextInput
          label={t.settings.name}
          required
          {...form.getInputProps('name')}
          error={refused['name']}
        />
        <TextInput
          label={t.settings.slug}
          required
          {...form.getInputProps('slug')}
          error={refused['slug']}
        />
        <Select
          label={t.settings.currency}
          description={t.settings.currencyHint}
          searchable
          allowDeselect={false}
          data={Intl.supportedValuesOf('currency')}
          limit={60}
          {...form.getInputProps('currency')}
          error={refused['currency']}
        />
        <Select
          label={t.settings.timezone}
          description={t.settings.timezoneHint}
          searchable
          allowDeselect={false}
          data={[...new Set(['UTC', workspace.timezone, ...Intl.supportedValuesOf('timeZone')])]}
          limit={60}
          {...form.getInputProps('timezone')}
          error={refused['timezone']}
        />
        <TagsInput
          label={t.settings.ownHosts}
          description={t.settings.ownHostsHint}
          placeholder="shop.example"
          {...form.getInputProps('ownHosts')}
          error={refused['settings.own_hosts']}
        />
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
