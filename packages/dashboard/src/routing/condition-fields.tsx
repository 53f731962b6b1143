import { ActionIcon, Box, Group, Paper, Select, Stack, Text } from '@mantine/core';
import { IconX } from '@tabler/icons-react';

import type { LinkFieldsProps } from '../links/link-field.ts';
import { t } from '../messages/messages.ts';
import { ConditionValue } from './condition-value.tsx';
import { conditionKinds, emptyCondition } from './routing-values.ts';
import type { ConditionKind } from './routing-values.ts';

export interface ConditionFieldsProps extends LinkFieldsProps {
  /** Places in their lists. */
  readonly rule: number;
  readonly place: number;
  readonly canRemove: boolean;
}

/** One condition: what is asked about, whether it is turned around, and its values. */
export function ConditionFields(props: ConditionFieldsProps) {
  const { form, field, rule, place, canRemove } = props;
  const path = `routing.rules.${rule}.when.${place}`;
  const condition = form.values.routing.rules[rule]!.when[place]!;
  return (
    <Paper withBorder radius="sm" p="xs">
      <Stack gap="xs">
        <Group gap="xs">
          <Group gap="xs" wrap="nowrap" flex="1 1 180px">
            <Text size="sm" c="dimmed" w={34} ta="right">
              {place === 0 ? t.linkRules.if : t.linkRules.and}
            </Text>
            <Select
              aria-label={t.linkRules.about}
              allowDeselect={false}
              flex={1}
              data={conditionKinds.map((kind) => ({ value: kind, label: t.linkRules.kinds[kind] }))}
              value={condition.kind}
              // Values of one kind mean nothing to another.
              onChange={(kind) =>
                form.setFieldValue(path, {
                  ...emptyCondition(kind as ConditionKind, condition.zone),
                  id: condition.id,
                })
              }
              error={field(`${path}.kind`)['error'] as string | undefined}
            />
          </Group>
          <Group gap="xs" wrap="nowrap" ml="auto">
            <Select
              aria-label={t.linkRules.holds}
              allowDeselect={false}
              w={96}
              data={[
                { value: 'is', label: t.linkRules.is },
                { value: 'not', label: t.linkRules.isNot },
              ]}
              value={condition.not ? 'not' : 'is'}
              onChange={(next) => form.setFieldValue(`${path}.not`, next === 'not')}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t.linkRules.removeCondition(t.linkRules.kinds[condition.kind])}
              disabled={!canRemove}
              onClick={() => form.removeListItem(`routing.rules.${rule}.when`, place)}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </Group>
        </Group>
        <Box pl={{ base: 0, xs: 44 }}>
          <ConditionValue condition={condition} path={path} field={field} />
        </Box>
      </Stack>
    </Paper>
  );
}
