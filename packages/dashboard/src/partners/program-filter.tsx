import { Select } from '@mantine/core';

import { t } from '../messages/messages.ts';
import { useProgramNames } from './use-program-names.ts';

/** Narrows a list to one programme. */
export function ProgramFilter(props: {
  readonly value: string | undefined;
  readonly onChange: (id: string | undefined) => void;
}) {
  const names = useProgramNames();
  return (
    <Select
      aria-label={t.partners.program}
      placeholder={t.partners.anyProgram}
      clearable
      clearButtonProps={{ 'aria-label': t.actions.clear }}
      w={190}
      data={[...names].map(([value, label]) => ({ value, label }))}
      value={props.value ?? null}
      onChange={(id) => props.onChange(id ?? undefined)}
    />
  );
}
