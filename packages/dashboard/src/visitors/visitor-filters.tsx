import { Group, Select } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';

import { useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { countryFlag, countryName } from '../format/place.ts';
import { t } from '../messages/messages.ts';
import { useReport } from '../report/use-report.ts';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { seenChoices, visitorStatuses } from './visitors-search.ts';
import type { VisitorsSearch } from './visitors-search.ts';

/** Narrows the people to some: how far they have come, when they were seen, how they came, and from where. */
export function VisitorFilters() {
  const search: VisitorsSearch = useSearch({ strict: false });
  const change = useSearchChange<VisitorsSearch>();
  return (
    <Group gap="sm">
      <ChoiceFilter
        label={t.keys.state}
        any={t.dispatches.anyStatus}
        choices={visitorStatuses}
        names={t.visitors.statuses}
        value={search.status}
        onChange={(status) => change({ status, page: undefined })}
      />
      <ChoiceFilter
        label={t.visitors.lastSeen}
        any={t.visitors.anyTime}
        choices={seenChoices}
        names={t.visitors.seenWithin}
        value={search.seen}
        onChange={(seen) => change({ seen, page: undefined })}
      />
      <ValueFilter
        dimension="channel"
        value={search.channel}
        nameOf={(channel) => channel}
        onChange={(channel) => change({ channel, page: undefined })}
      />
      <ValueFilter
        dimension="country"
        value={search.country}
        nameOf={(code) => `${countryFlag(code)} ${countryName(code)}`}
        onChange={(country) => change({ country, page: undefined })}
      />
    </Group>
  );
}

/** One of the values that the reports of the last 30 days have. */
function ValueFilter(props: {
  readonly dimension: 'channel' | 'country';
  readonly value: string | undefined;
  readonly nameOf: (value: string) => string;
  readonly onChange: (value: string | undefined) => void;
}) {
  const { dimension, value, nameOf, onChange } = props;
  const { window } = useReport();
  const breakdown = useRead('analyticsBreakdown', {
    from: window.from,
    to: window.to,
    dimension,
    metrics: 'people',
    limit: 100,
  });
  const values = new Set(breakdown.data?.rows.flatMap((row) => row.value ?? []));
  if (value !== undefined) values.add(value);
  return (
    <Select
      aria-label={t.dimensions[dimension]}
      placeholder={t.dimensions[dimension]}
      clearable
      searchable
      clearButtonProps={{ 'aria-label': t.actions.clear }}
      w={180}
      data={[...values].map((name) => ({ value: name, label: nameOf(name) }))}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}
