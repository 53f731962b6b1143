import { useState } from 'react';

import { Autocomplete, Button, Group, Popover, Select, Stack, Switch } from '@mantine/core';
import { IconFilterPlus } from '@tabler/icons-react';

import { useRead } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { filterDimensions, isFilterDimension, notSet } from './filter.ts';
import type { FilterDimension } from './filter.ts';
import type { Report } from './use-report.ts';

/** Adds a filter by hand: a dimension, and one of the values that the period has. */
export function FilterMenu({ report }: { readonly report: Report }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover
      opened={isOpen}
      onChange={setOpen}
      position="bottom-start"
      shadow="md"
      trapFocus
      returnFocus
      width={280}
    >
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconFilterPlus size={14} aria-hidden />}
          onClick={() => setOpen((open) => !open)}
        >
          {t.report.filter}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <FilterForm report={report} onDone={() => setOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

function FilterForm({ report, onDone }: { readonly report: Report; readonly onDone: () => void }) {
  const [dimension, setDimension] = useState<FilterDimension>('channel');
  const [value, setValue] = useState('');
  const [excludes, setExcludes] = useState(false);
  const { from, to } = report.window;
  const values = useRead(
    'analyticsBreakdown',
    { from, to, dimension, metrics: 'people', limit: 50 },
    { keepsPrevious: false },
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (value === '') return;
        report.toggle({ dimension, value: value === notSet ? null : value, excludes });
        onDone();
      }}
    >
      <Stack gap="xs">
        <Select
          label={t.report.dimension}
          data={filterDimensions.map((name) => ({ value: name, label: t.dimensions[name] }))}
          value={dimension}
          allowDeselect={false}
          searchable
          onChange={(next) => {
            if (next === null || !isFilterDimension(next)) return;
            setDimension(next);
            setValue('');
          }}
          comboboxProps={{ withinPortal: false }}
        />
        <Autocomplete
          label={t.report.value}
          data={[...new Set((values.data?.rows ?? []).map((row) => row.value))]}
          value={value}
          onChange={setValue}
          limit={50}
          maxDropdownHeight={220}
          comboboxProps={{ withinPortal: false }}
        />
        <Switch
          label={t.report.exclude}
          checked={excludes}
          onChange={(event) => setExcludes(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button type="submit" size="xs" disabled={value === ''}>
            {t.report.addFilter}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
