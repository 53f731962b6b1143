import type { FolderResponse, LinkResponse } from '@headwater/client/api';
import {
  Fieldset,
  Group,
  MultiSelect,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';

import { useRead } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import type { BulkPlan } from './bulk-changes.ts';
import { ExpiryInput } from './expiry-input.tsx';
import { templateValues, utmFields } from './link-values.ts';

export interface BulkFieldsProps {
  readonly form: UseFormReturnType<BulkPlan>;
  readonly links: readonly LinkResponse[];
  readonly folders: readonly FolderResponse[];
}

/** What is to change; what is left empty stays as it is with each link. */
export function BulkFields({ form, links, folders }: BulkFieldsProps) {
  const tags = useRead('listTags', undefined);
  const templates = useRead('listUtmTemplates', undefined);
  const present = [...new Set(links.flatMap((link) => link.tags))].toSorted();
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t.linkBulk.hint}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TagsInput
          label={t.linkBulk.addTags}
          data={(tags.data ?? []).map(({ name }) => name)}
          data-autofocus
          {...form.getInputProps('addTags')}
        />
        <MultiSelect
          label={t.linkBulk.removeTags}
          data={present}
          disabled={present.length === 0}
          searchable
          {...form.getInputProps('removeTags')}
        />
      </SimpleGrid>
      <Select
        label={t.linkForm.folder}
        allowDeselect={false}
        data={[
          { value: 'keep', label: t.linkBulk.keep },
          { value: '', label: t.linkForm.noFolder },
          ...folders.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        {...form.getInputProps('folder')}
      />
      <Fieldset legend={t.links.utm}>
        <Stack gap="sm">
          {(templates.data ?? []).length > 0 && (
            <Select
              label={t.linkForm.template}
              placeholder={t.linkForm.noTemplate}
              data={(templates.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
              onChange={(id) => {
                const template = templates.data?.find((one) => one.id === id);
                if (template !== undefined) form.setFieldValue('utm', templateValues(template));
              }}
            />
          )}
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            {utmFields.map((name) => (
              <TextInput
                key={name}
                label={t.links.utmFields[name]}
                placeholder={t.linkBulk.keep}
                {...form.getInputProps(`utm.${name}`)}
              />
            ))}
            <MultiSelect
              label={t.linkBulk.clearUtm}
              data={utmFields.map((value) => ({ value, label: t.links.utmFields[value] }))}
              {...form.getInputProps('clearUtm')}
            />
          </SimpleGrid>
        </Stack>
      </Fieldset>
      <Group gap="sm" align="flex-end">
        <Choice
          label={t.links.expiry}
          choices={['keep', 'never', 'at']}
          names={t.linkBulk.expiries}
          {...form.getInputProps('expiry')}
        />
        {form.values.expiry === 'at' && <ExpiryInput {...form.getInputProps('expiresAt')} />}
      </Group>
      <Choice
        label={t.linkForm.healthCheck}
        choices={['keep', 'on', 'off']}
        names={t.linkBulk.checks}
        {...form.getInputProps('health')}
      />
    </Stack>
  );
}

function Choice<Name extends string>(props: {
  readonly label: string;
  readonly choices: readonly Name[];
  readonly names: Readonly<Record<Name, string>>;
  readonly value?: string;
  readonly onChange?: (value: string) => void;
}) {
  const { label, choices, names, value, onChange } = props;
  return (
    <div>
      <Text size="sm" fw={500} pb={4}>
        {label}
      </Text>
      <SegmentedControl
        size="xs"
        aria-label={label}
        data={choices.map((name) => ({ value: name, label: names[name] }))}
        {...(value !== undefined && { value })}
        {...(onChange !== undefined && { onChange })}
      />
    </div>
  );
}
