import { Badge, Tooltip } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import { forwardRef } from 'react';
import type { ReactNode } from 'react';

import { useRead } from '../api/use-api.ts';
import { formatCompact } from '../format/number.ts';
import { t } from '../messages/messages.ts';

const BadgeLink = createLink(
  forwardRef<HTMLAnchorElement, { readonly children?: ReactNode; readonly 'aria-label'?: string }>(
    function BadgeLink(props, ref) {
      return (
        <Badge
          component="a"
          ref={ref}
          size="lg"
          variant="dot"
          color="teal"
          tt="none"
          style={{ cursor: 'pointer', flexShrink: 0 }}
          {...props}
        />
      );
    },
  ),
);

/** How many people are there now. */
export function LiveNow() {
  const live = useRead('analyticsLive', undefined, { refetchInterval: 15_000 });
  if (live.data === undefined) return null;
  const count = live.data.people_5_minutes;
  return (
    <Tooltip label={t.shell.liveHint}>
      <BadgeLink to="/live" aria-label={t.shell.live(formatCompact(count), count)}>
        {formatCompact(count)}
      </BadgeLink>
    </Tooltip>
  );
}
