import { Select } from '@mantine/core';

import { t } from '../messages/messages.ts';

export interface ChoiceFilterProps<Choice extends string> {
  readonly label: string;
  /** What stands there while nothing is chosen. */
  readonly any: string;
  readonly choices: readonly Choice[];
  readonly names: Readonly<Record<Choice, string>>;
  readonly value: Choice | undefined;
  readonly onChange: (choice: Choice | undefined) => void;
}

/** Narrows a list to one of a few choices. */
export function ChoiceFilter<Choice extends string>(props: ChoiceFilterProps<Choice>) {
  const { label, any, choices, names, value, onChange } = props;
  return (
    <Select
      aria-label={label}
      placeholder={any}
      clearable
      clearButtonProps={{ 'aria-label': t.actions.clear }}
      w={170}
      data={choices.map((choice) => ({ value: choice, label: names[choice] }))}
      value={value ?? null}
      onChange={(next) => onChange(choices.find((choice) => choice === next))}
    />
  );
}
