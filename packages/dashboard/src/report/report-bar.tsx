import { Button, Group, Switch } from '@mantine/core';

import { t } from '../messages/messages.ts';
import { FilterChips } from './filter-chips.tsx';
import { FilterMenu } from './filter-menu.tsx';
import { PeriodPicker } from './period-picker.tsx';
import type { Report } from './use-report.ts';

export interface ReportBarProps {
  readonly report: Report;
  readonly hasFilters?: boolean;
  readonly hasComparison?: boolean;
}

/** What the reports of a view are about: period, comparison and filters, all in the address. */
export function ReportBar({ report, hasFilters = true, hasComparison = true }: ReportBarProps) {
  return (
    <Group gap="xs" role="group" aria-label={t.report.about}>
      <PeriodPicker report={report} />
      {hasComparison && (
        <Switch
          label={t.report.compare}
          size="sm"
          checked={report.compares}
          onChange={(event) =>
            report.change({ compare: event.currentTarget.checked ? undefined : 'none' } as never)
          }
        />
      )}
      {hasFilters && <FilterMenu report={report} />}
      {hasFilters && <FilterChips report={report} />}
      {hasFilters && report.filters.length > 1 && (
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          onClick={() => report.change({ filters: undefined } as never)}
        >
          {t.report.clearFilters}
        </Button>
      )}
    </Group>
  );
}
