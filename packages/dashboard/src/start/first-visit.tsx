import { Group, Loader, Text, ThemeIcon } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';

import { useRead } from '../api/use-api.ts';
import { formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { LinkButton } from '../ui/link-button.tsx';

/** Looks every few seconds whether somebody has come. */
export function FirstVisit() {
  const live = useRead('analyticsLive', undefined, { refetchInterval: 3_000 });
  const seen = live.data?.pageviews_30_minutes ?? 0;
  const before = useRead('listVisitors', { limit: 1 }, { enabled: seen === 0 });
  if (seen === 0 && (before.data?.length ?? 0) > 0)
    return (
      <Group gap="xs" py="xs" role="status">
        <Text size="sm">{t.start.seenBefore}</Text>
        <LinkButton to="/visitors" size="compact-xs" variant="subtle">
          {t.nav.visitors}
        </LinkButton>
      </Group>
    );
  if (seen === 0) {
    return (
      <Group gap="xs" py="xs" role="status">
        <Loader size="xs" aria-hidden />
        <Text size="sm">{t.start.waiting}</Text>
      </Group>
    );
  }
  return (
    <Group gap="xs" py="xs" role="status">
      <ThemeIcon color="teal" size="sm" radius="xl">
        <IconCheck size={14} aria-hidden />
      </ThemeIcon>
      <Text size="sm">{t.start.seen(formatNumber(seen))}</Text>
      <LinkButton to="/live" size="compact-xs" variant="subtle">
        {t.nav.live}
      </LinkButton>
    </Group>
  );
}
