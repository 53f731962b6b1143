import { ActionIcon, Button, Fieldset, Group, Stack, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';

import { useWorkspace } from '../app/use-workspace.ts';
import type { LinkFieldsProps } from '../links/link-field.ts';
import { t } from '../messages/messages.ts';
import { ConditionFields } from './condition-fields.tsx';
import { emptyCondition } from './routing-values.ts';

const conditionsMax = 10;

export interface RuleFieldsProps extends LinkFieldsProps {
  readonly index: number;
  readonly onMove: (by: -1 | 1) => void;
}

/** One rule: its name, what must hold, and where it leads. Alt with an arrow moves it. */
export function RuleFields({ form, field, refused, index, onMove }: RuleFieldsProps) {
  const { timezone } = useWorkspace();
  const path = `routing.rules.${index}`;
  const { rules } = form.values.routing;
  const rule = rules[index]!;
  return (
    <Fieldset
      legend={t.linkRules.ruleLegend(index + 1)}
      onKeyDown={(event) => {
        if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
        event.preventDefault();
        onMove(event.key === 'ArrowUp' ? -1 : 1);
      }}
    >
      <Stack gap="sm">
        <Group gap="xs" align="flex-end" wrap="nowrap">
          <TextInput
            label={t.linkRules.name}
            maxLength={50}
            required
            flex={1}
            {...field(`${path}.name`)}
          />
          <Group gap={2} wrap="nowrap" pb={3}>
            <ActionIcon
              id={`${rule.id}-up`}
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t.linkRules.moveUp(rule.name)}
              aria-disabled={index === 0}
              {...(index === 0 && { 'data-disabled': true })}
              onClick={() => onMove(-1)}
            >
              <IconArrowUp size={18} aria-hidden />
            </ActionIcon>
            <ActionIcon
              id={`${rule.id}-down`}
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t.linkRules.moveDown(rule.name)}
              aria-disabled={index === rules.length - 1}
              {...(index === rules.length - 1 && { 'data-disabled': true })}
              onClick={() => onMove(1)}
            >
              <IconArrowDown size={18} aria-hidden />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="red"
              size="lg"
              aria-label={t.linkRules.remove(rule.name)}
              onClick={() => form.removeListItem('routing.rules', index)}
            >
              <IconTrash size={18} aria-hidden />
            </ActionIcon>
          </Group>
        </Group>
        {rule.when.map((condition, place) => (
          <ConditionFields
            key={condition.id}
            form={form}
            field={field}
            refused={refused}
            rule={index}
            place={place}
            canRemove={rule.when.length > 1}
          />
        ))}
        <Group>
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPlus size={14} aria-hidden />}
            disabled={rule.when.length >= conditionsMax}
            onClick={() => form.insertListItem(`${path}.when`, emptyCondition('device', timezone))}
          >
            {t.linkRules.addCondition}
          </Button>
        </Group>
        <TextInput
          label={t.linkRules.leadsTo}
          placeholder="https://shop.example/de"
          required
          {...field(`${path}.url`)}
        />
      </Stack>
    </Fieldset>
  );
}
