import { ActionIcon, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { randomId } from '@mantine/hooks';
import { IconPlus, IconTrash } from '@tabler/icons-react';

import { countryName } from '../format/place.ts';
import type { LinkFieldsProps } from '../links/link-field.ts';
import { t } from '../messages/messages.ts';
import { countryChoices } from './country-choices.ts';

/** Other destinations on phones, where an app may be opened, and in countries. */
export function TargetsFields({ form, field }: LinkFieldsProps) {
  const { countries } = form.values;
  return (
    <Stack gap="sm">
      <TextInput
        label={t.links.iosUrl}
        description={t.linkRules.appHint}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        {...field('ios_url')}
      />
      <TextInput label={t.links.androidUrl} {...field('android_url')} />
      {countries.map((row, index) => (
        <Group key={row.id} gap="xs" align="flex-start" wrap="nowrap">
          <Select
            aria-label={t.dimensions.country}
            placeholder={t.dimensions.country}
            searchable
            flex="1 1 120px"
            data={countryChoices().filter(
              ({ value }) =>
                value === row.country || countries.every(({ country }) => country !== value),
            )}
            {...field(`countries.${index}.country`)}
          />
          <TextInput
            aria-label={t.linkRules.leadsTo}
            placeholder="https://shop.example/de"
            flex="2 1 140px"
            {...field(`countries.${index}.url`, `geo_targeting.${row.country}`)}
          />
          <ActionIcon
            variant="subtle"
            color="red"
            size="lg"
            aria-label={t.linkRules.remove(countryName(row.country))}
            onClick={() => form.removeListItem('countries', index)}
          >
            <IconTrash size={18} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Text size="sm" c="red" role="alert">
        {field('countries', 'geo_targeting')['error'] as string | undefined}
      </Text>
      <Button
        variant="default"
        leftSection={<IconPlus size={16} aria-hidden />}
        onClick={() => form.insertListItem('countries', { id: randomId(), country: '', url: '' })}
      >
        {t.linkRules.addCountry}
      </Button>
    </Stack>
  );
}
