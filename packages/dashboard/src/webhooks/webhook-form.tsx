import type { WebhookResponse } from '@headwater/client/api';
import { MultiSelect, Switch, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

import { fieldErrors } from '../api/fault-message.ts';
import { useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { notifyDone } from '../ui/notify.ts';
import { webhookTypes } from './webhook-types.ts';

export interface WebhookFormProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** What is changed; without it a new one is made. */
  readonly webhook?: WebhookResponse;
  readonly onSecret?: (secret: string) => void;
}

interface Values {
  url: string;
  description: string;
  everything: boolean;
  eventTypes: string[];
  linkIds: string[];
}

const stale = ['listWebhooks', 'getWebhook'] as const;

export function WebhookForm({ isOpen, onClose, webhook, onSecret }: WebhookFormProps) {
  const create = useWrite('createWebhook', stale);
  const update = useWrite('updateWebhook', stale);
  const tellsAll = webhook?.event_types.includes('*') ?? false;
  const form = useForm<Values>({
    initialValues: {
      url: webhook?.url ?? '',
      description: webhook?.description ?? '',
      everything: tellsAll,
      eventTypes: tellsAll ? [] : (webhook?.event_types ?? ['conversion.created']),
      linkIds: webhook?.link_ids ?? [],
    },
  });
  const fault = create.error ?? update.error;
  const refused = fieldErrors(fault);
  const save = ({ url, description, everything, eventTypes, linkIds }: Values): void => {
    const body = {
      url,
      description: description === '' ? null : description,
      event_types: everything ? ['*'] : eventTypes,
      link_ids: linkIds,
    };
    if (webhook === undefined)
      create.mutate(
        { body },
        {
          onSuccess: ({ secret }) => {
            form.reset();
            onClose();
            onSecret?.(secret);
          },
        },
      );
    else
      update.mutate(
        { id: webhook.id, body },
        {
          onSuccess: () => {
            notifyDone(t.states.saved);
            onClose();
          },
        },
      );
  };
  return (
    <FormDialog
      title={webhook === undefined ? t.webhooks.create : t.webhooks.edit}
      isOpen={isOpen}
      onClose={onClose}
      onSubmit={form.onSubmit(save)}
      submit={webhook === undefined ? t.webhooks.create : t.actions.save}
      isBusy={create.isPending || update.isPending}
      fault={fault}
    >
      <TextInput
        label={t.webhooks.url}
        description={t.webhooks.urlHint}
        placeholder="https://example.com/hooks/headwater"
        required
        data-autofocus
        {...form.getInputProps('url')}
        error={refused['url']}
      />
      <TextInput label={t.codes.description} {...form.getInputProps('description')} />
      <Switch
        label={t.webhooks.everything}
        description={t.webhooks.everythingHint}
        {...form.getInputProps('everything', { type: 'checkbox' })}
      />
      {!form.values.everything && (
        <MultiSelect
          label={t.webhooks.eventTypes}
          data={webhookTypes}
          searchable
          {...form.getInputProps('eventTypes')}
          error={refused['event_types']}
        />
      )}
      <TagsInput
        label={t.webhooks.linkIds}
        description={t.webhooks.linkIdsHint}
        {...form.getInputProps('linkIds')}
        error={refused['link_ids']}
      />
    </FormDialog>
  );
}
