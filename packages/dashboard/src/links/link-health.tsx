import type { LinkResponse } from '@headwater/client/api';
import { Alert } from '@mantine/core';
import { IconHeartbeat, IconHeartBroken } from '@tabler/icons-react';

import { useRead } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';

/** What the checks of the destination have found, where somebody wants it looked at. */
export function LinkHealth({ link }: { readonly link: LinkResponse }) {
  const { timezone } = useWorkspace();
  const health = useRead(
    'getLinkHealth',
    { link_id: link.id },
    { enabled: link.health_check, refetchInterval: 60_000 },
  );
  if (!link.health_check || health.data === undefined) return null;
  const { status, problem, checked_at, down_since } = health.data;
  if (status === 'down')
    return (
      <Alert
        color="red"
        variant="light"
        role="status"
        icon={<IconHeartBroken aria-hidden />}
        title={t.linkHealth.down(formatInstant(down_since, timezone))}
      >
        {t.linkHealth.problem(problem ?? '')}{' '}
        {link.fallback_url === null
          ? t.linkHealth.noFallback
          : t.linkHealth.fallback(link.fallback_url)}
      </Alert>
    );
  return (
    <Alert
      color={status === 'up' ? 'teal' : 'gray'}
      variant="light"
      role="status"
      p="xs"
      icon={<IconHeartbeat aria-hidden />}
    >
      {status === 'up'
        ? t.linkHealth.up(formatInstant(checked_at, timezone))
        : t.linkHealth.unknown}
    </Alert>
  );
}
