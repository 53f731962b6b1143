import {
  Group,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  TagsInput,
  TextInput,
} from '@mantine/core';

import { t } from '../messages/messages.ts';
import type { LinkField } from '../links/link-field.ts';
import { ExpiryInput } from '../links/expiry-input.tsx';
import { countryChoices } from './country-choices.ts';
import type { ConditionValues, ListKind } from './routing-values.ts';
import { standings } from './simulator-choices.ts';

export interface ConditionValueProps {
  readonly condition: ConditionValues;
  readonly path: string;
  readonly field: LinkField;
}

/** What a condition compares with, by its kind. */
export function ConditionValue({ condition, path, field }: ConditionValueProps) {
  switch (condition.kind) {
    case 'country':
    case 'device':
      return (
        <MultiSelect
          aria-label={t.linkRules.valuesOf(t.linkRules.kinds[condition.kind])}
          placeholder={condition.in.length === 0 ? t.linkRules.oneOf : ''}
          data={condition.kind === 'country' ? countryChoices() : deviceChoices}
          searchable
          {...field(`${path}.in`)}
        />
      );
    case 'time':
      return <TimeValue path={path} field={field} />;
    case 'query':
      return (
        <Group gap="xs" grow align="flex-start">
          <TextInput
            label={t.linkRules.parameter}
            placeholder="utm_source"
            {...field(`${path}.name`)}
          />
          <TagsInput
            label={t.linkRules.parameterValues}
            placeholder={t.linkRules.anyValue}
            {...field(`${path}.in`)}
          />
        </Group>
      );
    case 'visitor':
      return (
        <Select
          aria-label={t.linkRules.kinds.visitor}
          allowDeselect={false}
          data={standings.map((value) => ({ value, label: t.linkRules.standings[value] }))}
          {...field(`${path}.is`)}
        />
      );
    case 'clicks':
      return (
        <Group gap="xs" grow align="flex-start">
          <NumberInput
            label={t.linkRules.atLeast}
            min={0}
            allowDecimal={false}
            {...field(`${path}.atLeast`, serverPath(path, 'from'))}
          />
          <NumberInput
            label={t.linkRules.below}
            min={1}
            allowDecimal={false}
            {...field(`${path}.below`)}
          />
        </Group>
      );
    case 'share':
      return (
        <NumberInput
          aria-label={t.linkRules.percent}
          suffix=" %"
          required
          min={0}
          max={100}
          {...field(`${path}.percent`)}
        />
      );
    case 'region':
    case 'city':
    case 'system':
    case 'browser':
    case 'language':
    case 'referrer':
    case 'address':
      return (
        <TagsInput
          aria-label={t.linkRules.valuesOf(t.linkRules.kinds[condition.kind])}
          placeholder={condition.in.length === 0 ? t.linkRules.examples[condition.kind] : ''}
          data={[...(suggestions[condition.kind] ?? [])]}
          {...field(`${path}.in`)}
        />
      );
  }
}

function TimeValue({ path, field }: Pick<ConditionValueProps, 'path' | 'field'>) {
  return (
    <Stack gap="xs">
      <Group gap="xs" grow align="flex-start">
        <MultiSelect
          label={t.linkRules.days}
          placeholder={t.linkRules.anyDay}
          data={dayChoices()}
          {...field(`${path}.days`)}
        />
        <Select
          label={t.linkRules.zone}
          searchable
          allowDeselect={false}
          data={Intl.supportedValuesOf('timeZone')}
          {...field(`${path}.zone`)}
        />
      </Group>
      <Group gap="xs" grow align="flex-start">
        <TextInput type="time" label={t.linkRules.from} {...field(`${path}.from`)} />
        <TextInput type="time" label={t.linkRules.to} {...field(`${path}.to`)} />
      </Group>
      <Group gap="xs" grow align="flex-start">
        <ExpiryInput
          label={t.linkRules.after}
          placeholder={t.linkRules.anyTime}
          {...field(`${path}.after`)}
        />
        <ExpiryInput
          label={t.linkRules.before}
          placeholder={t.linkRules.anyTime}
          {...field(`${path}.before`)}
        />
      </Group>
    </Stack>
  );
}

const deviceTypes = ['desktop', 'mobile', 'tablet', 'tv', 'console', 'wearable', 'car'];

const deviceChoices = deviceTypes.map((value) => ({
  value,
  label: t.deviceTypes[value] ?? t.linkRules.car,
}));

/** What is often asked for; anything else can be typed. */
const suggestions: Readonly<Partial<Record<ListKind, readonly string[]>>> = {
  system: ['iOS', 'Android', 'Windows', 'macOS', 'Linux', 'ChromeOS'],
  browser: ['Chrome', 'Safari', 'Firefox', 'Edge', 'Samsung Internet', 'Opera'],
  language: ['de', 'en', 'es', 'fr', 'it', 'ja', 'nl', 'pl', 'pt', 'tr', 'uk', 'zh'],
  referrer: ['google.com', 'instagram.com', 'linkedin.com', 'reddit.com', 't.co', 'youtube.com'],
};

/** Monday is 1 (ISO 8601). 1 January 2024 was one. */
function dayChoices(): { value: string; label: string }[] {
  const format = new Intl.DateTimeFormat(undefined, { weekday: 'long', timeZone: 'UTC' });
  return [1, 2, 3, 4, 5, 6, 7].map((day) => ({
    value: String(day),
    label: format.format(new Date(Date.UTC(2024, 0, day))),
  }));
}

function serverPath(path: string, name: string): string {
  return `${path.replaceAll(/\.(\d+)/g, '[$1]')}.${name}`;
}
