import { useState } from 'react';

import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';

import { t } from '../messages/messages.ts';

export interface SearchFieldProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

/** Searches when nothing was typed for a moment. */
export function SearchField({ label, value = '', onChange }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const [given, setGiven] = useState(value);
  // Back and forward change the address, and with it the field.
  if (given !== value) {
    setGiven(value);
    setTyped(value);
  }
  const search = useDebouncedCallback((text: string) => onChange(text.trim() || undefined), 250);
  const change = (text: string): void => {
    setTyped(text);
    search(text);
  };
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        typed === '' ? null : (
          <CloseButton size="sm" aria-label={t.actions.clear} onClick={() => change('')} />
        )
      }
      miw={220}
      flex="1 1 220px"
      maw={420}
    />
  );
}
