import { Group, Progress, Stack, Text } from '@mantine/core';

import { formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { notSet } from '../report/filter.ts';

export interface ShareListProps {
  readonly rows: ReadonlyArray<{ readonly value: string; readonly people: number }>;
}

/** People by a value, each with its part of the first one. */
export function ShareList({ rows }: ShareListProps) {
  const most = Math.max(1, ...rows.map((row) => row.people));
  return (
    <Stack gap="xs">
      {rows.map((row) => (
        <div key={row.value}>
          <Group justify="space-between" wrap="nowrap" gap="sm">
            <Text size="sm" truncate>
              {row.value === notSet ? t.report.none : row.value}
            </Text>
            <Text size="sm">{formatNumber(row.people)}</Text>
          </Group>
          <Progress value={(row.people / most) * 100} size={5} aria-hidden />
        </div>
      ))}
    </Stack>
  );
}
