import {
  Checkbox,
  Group,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';

import { ExpiryInput } from '../links/expiry-input.tsx';
import type { LinkFieldsProps } from '../links/link-field.ts';
import { t } from '../messages/messages.ts';
import { limitKinds } from './routing-values.ts';

/** Start, end, how many are let through, a password, and which parameters go along. */
export function LimitsFields({
  form,
  field,
  isProtected,
}: LinkFieldsProps & { readonly isProtected: boolean }) {
  const { routing, expires_at: expiresAt, removesPassword } = form.values;
  return (
    <Stack gap="sm">
      <ExpiryInput
        label={t.linkRules.starts}
        placeholder={t.linkRules.atOnce}
        {...field('routing.startAt', 'routing.start.at')}
      />
      {routing.startAt !== '' && (
        <TextInput
          label={t.linkRules.startUrl}
          placeholder={t.linkRules.domainPage}
          {...field('routing.startUrl', 'routing.start.url')}
        />
      )}
      <ExpiryInput {...field('expires_at')} />
      {(expiresAt !== '' || routing.expiryUrl !== '') && (
        <TextInput
          label={t.linkRules.expiryUrl}
          placeholder={t.linkRules.domainPage}
          {...field('routing.expiryUrl', 'routing.expiry.url')}
        />
      )}
      {limitKinds.map((kind) => (
        <Group key={kind} gap="xs" grow align="flex-start">
          <NumberInput
            label={t.linkRules.limits[kind]}
            placeholder={t.linkRules.noLimit}
            min={1}
            allowDecimal={false}
            thousandSeparator
            {...field(`routing.limits.${kind}.max`)}
          />
          {routing.limits[kind].max !== '' && (
            <TextInput
              label={t.linkRules.limitUrl}
              placeholder={t.linkRules.domainPage}
              {...field(`routing.limits.${kind}.url`)}
            />
          )}
        </Group>
      ))}
      <Text size="xs" c="dimmed">
        {t.linkRules.limitsHint}
      </Text>
      <PasswordInput
        label={t.linkRules.password}
        description={isProtected ? t.linkRules.passwordStored : t.linkRules.passwordHint}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t.linkRules.showPassword }}
        disabled={removesPassword}
        {...field('password')}
      />
      {isProtected && (
        <Checkbox
          label={t.linkRules.removePassword}
          {...form.getInputProps('removesPassword', { type: 'checkbox' })}
        />
      )}
      <div>
        <Text size="sm" fw={500} pb={4}>
          {t.linkRules.query}
        </Text>
        <SegmentedControl
          size="xs"
          aria-label={t.linkRules.query}
          data={(['all', 'some', 'none'] as const).map((value) => ({
            value,
            label: t.linkRules.queries[value],
          }))}
          {...form.getInputProps('routing.query')}
        />
      </div>
      {routing.query === 'some' && (
        <TagsInput
          aria-label={t.linkRules.parameters}
          placeholder="utm_source"
          {...field('routing.parameters', 'routing.query')}
        />
      )}
    </Stack>
  );
}
