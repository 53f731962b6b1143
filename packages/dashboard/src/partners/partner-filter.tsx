import { useState } from 'react';

import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';

import { useRead } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';

/** Narrows a list to one partner, who is found by key or name. */
export function PartnerFilter(props: {
  readonly value: string | undefined;
  readonly onChange: (id: string | undefined) => void;
}) {
  const { value, onChange } = props;
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 250);
  const found = useRead('listPartners', { limit: 20, ...(search !== '' && { search }) });
  const chosen = useRead(
    'listPartners',
    { ids: value ?? '', limit: 1 },
    { enabled: value !== undefined, keepsPrevious: false },
  );
  const names = new Map(
    [...(chosen.data ?? []), ...(found.data ?? [])].map(({ id, name }) => [id, name]),
  );
  return (
    <Select
      aria-label={t.partners.partner}
      placeholder={t.partners.anyPartner}
      clearable
      clearButtonProps={{ 'aria-label': t.actions.clear }}
      searchable
      // The server has searched.
      filter={({ options }) => options}
      onSearchChange={setTyped}
      nothingFoundMessage={t.states.noMatch}
      w={190}
      data={[...names].map(([id, label]) => ({ value: id, label }))}
      value={value ?? null}
      onChange={(id) => onChange(id ?? undefined)}
    />
  );
}
