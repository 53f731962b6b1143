import { useState } from 'react';

import { Button, Stack, Text, VisuallyHidden } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';

import { useWorkspace } from '../app/use-workspace.ts';
import type { LinkFieldsProps } from '../links/link-field.ts';
import { t } from '../messages/messages.ts';
import { Kept } from '../ui/kept.tsx';
import { RuleFields } from './rule-fields.tsx';
import { emptyRule } from './routing-values.ts';

const rulesMax = 50;

/** The rules of a link in their order: the first whose conditions all hold decides. */
export function RulesFields({ form, field, refused }: LinkFieldsProps) {
  const { timezone } = useWorkspace();
  const [said, say] = useState('');
  const { rules } = form.values.routing;

  const move = (from: number, to: number): void => {
    const rule = rules[from];
    if (rule === undefined || to < 0 || to >= rules.length) return;
    form.reorderListItem('routing.rules', { from, to });
    say(t.linkRules.moved(rule.name, to + 1, rules.length));
    // The rule takes the keyboard along to its new place.
    const button = from > to ? 'up' : 'down';
    requestAnimationFrame(() => document.getElementById(`${rule.id}-${button}`)?.focus());
  };

  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t.linkRules.rulesHint}
      </Text>
      {rules.map((rule, index) => (
        <Kept key={rule.id} by={[JSON.stringify(rule), index, rules.length, refused]}>
          <RuleFields
            form={form}
            field={field}
            refused={refused}
            index={index}
            onMove={(by) => move(index, index + by)}
          />
        </Kept>
      ))}
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      <Button
        variant="default"
        leftSection={<IconPlus size={16} aria-hidden />}
        disabled={rules.length >= rulesMax}
        onClick={() =>
          form.insertListItem(
            'routing.rules',
            emptyRule(freeName(rules.map(({ name }) => name)), timezone),
          )
        }
      >
        {t.linkRules.addRule}
      </Button>
    </Stack>
  );
}

/** Names are unique among the rules of a link. */
function freeName(taken: readonly string[]): string {
  let number = taken.length + 1;
  while (taken.includes(t.linkRules.ruleName(number))) number += 1;
  return t.linkRules.ruleName(number);
}
