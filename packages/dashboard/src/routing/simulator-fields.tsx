import type { LinkResponse } from '@headwater/client/api';
import { Button, Checkbox, NumberInput, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { useSearchChange } from '../app/use-search-change.ts';
import { ExpiryInput } from '../links/expiry-input.tsx';
import type { LinkSearch } from '../links/link-search.ts';
import { t } from '../messages/messages.ts';
import { countryChoices } from './country-choices.ts';
import { simulatedDeviceNames, standings } from './simulator-choices.ts';

const clear = { 'aria-label': t.actions.clear };

/** Who follows the link, from where, with what and when. Its state is the address of the view. */
export function SimulatorFields(props: {
  readonly link: LinkResponse;
  readonly isPattern: boolean;
}) {
  const { link, isPattern } = props;
  const search: LinkSearch = useSearch({ strict: false });
  const change = useSearchChange<LinkSearch>();
  const set = (next: Parameters<typeof change>[0]) => change(next, { replace: true });
  const { limits } = link.routing ?? {};
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        {isPattern && (
          <TextField
            name="path"
            label={t.simulator.path}
            placeholder={link.key.replaceAll(/:\w+|\*/g, 'intro')}
          />
        )}
        <Select
          label={t.dimensions.country}
          placeholder={t.simulator.unknown}
          searchable
          clearable
          clearButtonProps={clear}
          data={countryChoices()}
          value={search.country ?? null}
          onChange={(country) => set({ country: country ?? undefined })}
        />
        <Select
          label={t.dimensions.device_type}
          placeholder={t.simulator.unknown}
          clearable
          clearButtonProps={clear}
          data={simulatedDeviceNames.map((value) => ({
            value,
            label: t.simulator.devices[value],
          }))}
          value={search.device ?? null}
          onChange={(device) =>
            set({ device: simulatedDeviceNames.find((name) => name === device) })
          }
        />
        <TextField name="language" label={t.dimensions.language} placeholder="de-AT,de;q=0.9" />
        <TextField
          name="referrer"
          label={t.dimensions.referrer}
          placeholder="https://www.instagram.com/"
        />
        <TextField name="query" label={t.simulator.query} placeholder="utm_source=x" />
        <ExpiryInput
          label={t.simulator.at}
          placeholder={t.simulator.now}
          value={search.at ?? ''}
          onChange={(at) => set({ at: at === '' ? undefined : at })}
        />
        <Select
          label={t.simulator.visitor}
          allowDeselect={false}
          data={standings.map((value) => ({ value, label: t.linkRules.standings[value] }))}
          value={search.visitor ?? 'new'}
          onChange={(visitor) => set({ visitor: standings.find((name) => name === visitor) })}
        />
        <NumberInput
          label={t.simulator.clicks}
          placeholder={String(link.total_clicks)}
          min={0}
          allowDecimal={false}
          value={search.clicks ?? ''}
          onChange={(clicks) => set({ clicks: typeof clicks === 'number' ? clicks : undefined })}
          disabled={limits?.clicks === undefined && !asksForClicks(link)}
        />
      </SimpleGrid>
      {(link.routing?.variants !== undefined || asksForShare(link)) && (
        <Button
          variant="default"
          size="xs"
          onClick={() => set({ person: String(Number(search.person ?? '0') + 1) })}
        >
          {t.simulator.nextPerson}
        </Button>
      )}
      {link.protected && (
        <Checkbox
          label={t.simulator.unlocked}
          checked={search.unlocked === true}
          onChange={(event) => set({ unlocked: event.currentTarget.checked ? true : undefined })}
        />
      )}
    </Stack>
  );
}

/** A text of the address, which follows when nothing was typed for a moment. */
function TextField(props: {
  readonly name: 'path' | 'language' | 'referrer' | 'query';
  readonly label: string;
  readonly placeholder: string;
}) {
  const { name, label, placeholder } = props;
  const search: LinkSearch = useSearch({ strict: false });
  const change = useSearchChange<LinkSearch>();
  const [typed, setTyped] = useState(search[name] ?? '');
  const tell = useDebouncedCallback(
    (text: string) => change({ [name]: text.trim() || undefined }, { replace: true }),
    250,
  );
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
    />
  );
}

function asksForClicks(link: LinkResponse): boolean {
  return conditionsOf(link).some(({ kind }) => kind === 'clicks');
}

function asksForShare(link: LinkResponse): boolean {
  return conditionsOf(link).some(({ kind }) => kind === 'share');
}

function conditionsOf(link: LinkResponse) {
  return (link.routing?.rules ?? []).flatMap(({ when }) => when);
}
