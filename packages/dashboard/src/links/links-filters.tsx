import { Group, SegmentedControl, Select } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';

import { useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { t } from '../messages/messages.ts';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { archivedChoices, healthChoices, linkTypes } from './links-search.ts';
import type { LinksSearch } from './links-search.ts';

/** What the list of links is narrowed by. */
export function LinksFilters() {
  const search: LinksSearch = useSearch({ strict: false });
  const change = useSearchChange<LinksSearch>();
  const folders = useRead('listFolders', undefined);
  const tags = useRead('listTags', undefined);
  const domains = useRead('listDomains', { limit: 100 });
  return (
    <Group gap="sm">
      <SearchField
        label={t.links.search}
        value={search.q}
        onChange={(q) => change({ q, page: undefined }, { replace: true })}
      />
      <NameFilter
        label={t.linkForm.folder}
        any={t.linkList.anyFolder}
        names={(folders.data ?? []).map(({ id, name }) => [id, name])}
        value={search.folder}
        onChange={(folder) => change({ folder, page: undefined })}
      />
      <NameFilter
        label={t.linkList.tag}
        any={t.linkList.anyTag}
        names={(tags.data ?? []).map(({ name }) => [name, name])}
        value={search.tag}
        onChange={(tag) => change({ tag, page: undefined })}
      />
      {(domains.data ?? []).length > 1 && (
        <NameFilter
          label={t.links.domain}
          any={t.linkList.anyDomain}
          names={(domains.data ?? []).map(({ host }) => [host, host])}
          value={search.domain}
          onChange={(domain) => change({ domain, page: undefined })}
        />
      )}
      <ChoiceFilter
        label={t.links.type}
        any={t.links.anyType}
        choices={linkTypes}
        names={t.linkTypes}
        value={search.type}
        onChange={(type) => change({ type, page: undefined })}
      />
      <ChoiceFilter
        label={t.linkHealth.label}
        any={t.linkHealth.any}
        choices={healthChoices}
        names={t.linkHealth.choices}
        value={search.health}
        onChange={(health) => change({ health, page: undefined })}
      />
      <SegmentedControl
        aria-label={t.links.archivedLabel}
        size="xs"
        data={archivedChoices.map((value) => ({ value, label: t.links.archivedChoices[value] }))}
        value={search.archived ?? 'without'}
        onChange={(value) =>
          change({ archived: value === 'without' ? undefined : value, page: undefined })
        }
      />
    </Group>
  );
}

function NameFilter(props: {
  readonly label: string;
  readonly any: string;
  readonly names: ReadonlyArray<readonly [value: string, name: string]>;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}) {
  const { label, any, names, value, onChange } = props;
  // What an address names stays there to be taken away, also where it is gone.
  const known = value === undefined || names.some(([name]) => name === value);
  const choices = known ? names : [...names, [value, value] as const];
  return (
    <Select
      aria-label={label}
      placeholder={any}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t.actions.clear }}
      w={170}
      data={choices.map(([name, words]) => ({ value: name, label: words }))}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}
