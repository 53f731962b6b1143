import { Group, Progress, Text } from '@mantine/core';

import { formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';

/** More seats than this are as many as come. */
const unlimited = 1_000_000_000;

/** How many of the seats are taken. */
export function Seats({ uses, max }: { readonly uses: number; readonly max: number }) {
  if (max >= unlimited)
    return (
      <Text size="sm" component="span">
        {formatNumber(uses)}
      </Text>
    );
  return (
    <Group gap="xs" wrap="nowrap" miw={120}>
      <Progress value={(uses / max) * 100} size={6} flex={1} aria-label={t.seats.label} />
      <Text size="sm" component="span" style={{ whiteSpace: 'nowrap' }}>
        {t.seats.of(formatNumber(uses), formatNumber(max))}
      </Text>
    </Group>
  );
}
