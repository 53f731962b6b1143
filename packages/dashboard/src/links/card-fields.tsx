import { Checkbox, Stack, Text, TextInput, Textarea } from '@mantine/core';

import { t } from '../messages/messages.ts';
import type { LinkFieldsProps } from './link-field.ts';

/** What previews of the link show in chats and networks. */
export function CardFields({ field }: LinkFieldsProps) {
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t.linkForm.cardHint}
      </Text>
      <TextInput label={t.linkForm.cardTitle} {...field('og_title')} />
      <Textarea
        label={t.linkForm.cardDescription}
        autosize
        minRows={2}
        {...field('og_description')}
      />
      <TextInput label={t.linkForm.cardImage} type="url" {...field('og_image')} />
    </Stack>
  );
}

/** Looking after the destination, ids and notes. */
export function CareFields({ form, field }: LinkFieldsProps) {
  return (
    <Stack gap="sm">
      <Checkbox
        label={t.linkForm.healthCheck}
        description={t.linkForm.healthHint}
        {...form.getInputProps('health_check', { type: 'checkbox' })}
      />
      <TextInput label={t.linkForm.fallbackUrl} type="url" {...field('fallback_url')} />
      <TextInput
        label={t.links.externalId}
        description={t.links.externalIdHint}
        {...field('external_id')}
      />
      <Textarea label={t.links.note} autosize minRows={2} {...field('notes')} />
    </Stack>
  );
}
