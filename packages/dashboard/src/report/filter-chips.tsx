import { Pill } from '@mantine/core';

import { t } from '../messages/messages.ts';
import { DimensionValue } from './dimension-value.tsx';
import { writeFilter } from './filter.ts';
import type { Filter } from './filter.ts';
import type { Report } from './use-report.ts';

export function FilterChips({ report }: { readonly report: Report }) {
  return report.filters.map((filter) => (
    <FilterChip key={writeFilter(filter)} filter={filter} onRemove={() => report.toggle(filter)} />
  ));
}

function FilterChip({
  filter,
  onRemove,
}: {
  readonly filter: Filter;
  readonly onRemove: () => void;
}) {
  const { dimension, value, excludes } = filter;
  return (
    <Pill
      size="md"
      withRemoveButton
      onRemove={onRemove}
      removeButtonProps={{
        'aria-label': t.report.removeFilter(t.dimensions[dimension], value ?? t.report.none),
        tabIndex: 0,
        'aria-hidden': false,
      }}
    >
      {t.dimensions[dimension]} {excludes ? t.report.isNot : t.report.is}{' '}
      <strong>
        <DimensionValue dimension={dimension} value={value} />
      </strong>
    </Pill>
  );
}
