import '@mantine/dates/styles.css';

import { useState } from 'react';

import { DatePicker } from '@mantine/dates';
import type { DatesRangeValue } from '@mantine/dates';

import { t } from '../messages/messages.ts';
import type { Period } from './period.ts';

export interface PeriodCalendarProps {
  readonly period: Period;
  /** With both days, which are part of the period. */
  readonly onChange: (firstDay: string, lastDay: string) => void;
}

export function PeriodCalendar({ period, onChange }: PeriodCalendarProps) {
  const [days, setDays] = useState<DatesRangeValue<string>>([period.firstDay, period.lastDay]);
  return (
    <DatePicker
      type="range"
      allowSingleDateInRange
      aria-label={t.report.customPeriod}
      defaultDate={period.lastDay}
      value={days}
      onChange={(next) => {
        setDays(next);
        const [first, last] = next;
        if (first !== null && last !== null) onChange(first.slice(0, 10), last.slice(0, 10));
      }}
    />
  );
}
