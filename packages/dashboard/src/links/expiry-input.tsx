import '@mantine/dates/styles.css';

import { DateTimePicker } from '@mantine/dates';

import { dayjs } from '../format/zoned-day.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { t } from '../messages/messages.ts';

export interface ExpiryInputProps {
  /** An instant, or empty for never. */
  readonly value?: string;
  readonly error?: string | undefined;
  readonly label?: string;
  /** What stands there while there is none. */
  readonly placeholder?: string;
  readonly onChange?: (value: string) => void;
}

/** A day and a time in the workspace's zone; the API gets the instant. */
export function ExpiryInput({
  value = '',
  error,
  label = t.links.expiry,
  placeholder = t.links.never,
  onChange,
}: ExpiryInputProps) {
  const { timezone } = useWorkspace();
  return (
    <DateTimePicker
      label={label}
      description={t.links.expiryHint(timezone)}
      placeholder={placeholder}
      clearable
      clearButtonProps={{ 'aria-label': t.actions.clear }}
      value={value === '' ? null : dayjs(value).tz(timezone).format('YYYY-MM-DD HH:mm:ss')}
      onChange={(next) => onChange?.(next === null ? '' : dayjs.tz(next, timezone).toISOString())}
      error={error}
      styles={{ placeholder: { color: 'var(--mantine-color-dimmed)' } }}
    />
  );
}
