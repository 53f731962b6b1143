import { Suspense, lazy, useState } from 'react';

import { Button, Group, Loader, NavLink, Popover, Stack } from '@mantine/core';
import { IconCalendar, IconChevronDown } from '@tabler/icons-react';

import { formatDay } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { periodNames } from './period.ts';
import { defaultPeriod } from './report-search.ts';
import type { Report } from './use-report.ts';

// The calendar is large, and seldom opened.
const PeriodCalendar = lazy(() =>
  import('./period-calendar.tsx').then(({ PeriodCalendar: component }) => ({ default: component })),
);

/** Named periods, or days of one's own, in the workspace's zone. */
export function PeriodPicker({ report }: { readonly report: Report }) {
  const [isOpen, setOpen] = useState(false);
  const { search, period, zone } = report;
  const isCustom = search.from !== undefined;
  const name = isCustom ? undefined : (search.period ?? defaultPeriod);
  const words =
    name === undefined
      ? `${formatDay(period.from, zone)} – ${formatDay(new Date(period.to.getTime() - 1), zone)}`
      : t.report.periods[name];
  return (
    <Popover
      opened={isOpen}
      onChange={setOpen}
      position="bottom-start"
      shadow="md"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconCalendar size={14} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          onClick={() => setOpen((open) => !open)}
          aria-label={t.report.periodLabel(words)}
        >
          {words}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <Group align="flex-start" gap="xs" wrap="wrap">
          <Stack gap={0} miw={150}>
            {periodNames.map((candidate) => (
              <NavLink
                key={candidate}
                component="button"
                type="button"
                label={t.report.periods[candidate]}
                active={candidate === name}
                onClick={() => {
                  setOpen(false);
                  report.change({
                    period: candidate === defaultPeriod ? undefined : candidate,
                    from: undefined,
                    to: undefined,
                  } as never);
                }}
                py={5}
                style={{ borderRadius: 'var(--mantine-radius-sm)' }}
              />
            ))}
          </Stack>
          <Suspense fallback={<Loader size="sm" m="xl" />}>
            <PeriodCalendar
              period={period}
              onChange={(from, to) => {
                setOpen(false);
                report.change({ period: undefined, from, to } as never);
              }}
            />
          </Suspense>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
