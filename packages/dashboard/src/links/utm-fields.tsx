import { Select, SimpleGrid, Stack, TextInput } from '@mantine/core';

import { useRead } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import type { LinkFieldsProps } from './link-field.ts';
import { templateValues, utmFields } from './link-values.ts';

/** The parameters of the destination, each by itself or all by a template. */
export function UtmFields({ form, field }: LinkFieldsProps) {
  const templates = useRead('listUtmTemplates', undefined);
  const choices = templates.data ?? [];
  return (
    <Stack gap="sm">
      {choices.length > 0 && (
        <Select
          label={t.linkForm.template}
          placeholder={t.linkForm.noTemplate}
          data={choices.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(id) => {
            const template = choices.find((one) => one.id === id);
            if (template !== undefined) form.setValues(templateValues(template));
          }}
        />
      )}
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        {utmFields.map((name) => (
          <TextInput key={name} label={t.links.utmFields[name]} {...field(name)} />
        ))}
      </SimpleGrid>
    </Stack>
  );
}
