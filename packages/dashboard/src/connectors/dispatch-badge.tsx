import type { DispatchResponse } from '@headwater/client/api';

import { t } from '../messages/messages.ts';
import { StateBadge } from '../ui/state-badge.tsx';

const colors = {
  pending: 'yellow',
  sending: 'blue',
  delivered: 'teal',
  failed: 'red',
  skipped: 'gray',
} as const;

export function DispatchBadge({ status }: Pick<DispatchResponse, 'status'>) {
  return <StateBadge color={colors[status]}>{t.dispatches.statuses[status]}</StateBadge>;
}
