import type { Commission } from '@headwater/client/api';

import { t } from '../messages/messages.ts';
import { StateBadge } from '../ui/state-badge.tsx';

const colors = {
  review: 'orange',
  held: 'yellow',
  available: 'teal',
  rejected: 'red',
  reversed: 'red',
  capped: 'gray',
} as const;

export function CommissionBadge({ status }: { readonly status: Commission['status'] }) {
  return <StateBadge color={colors[status]}>{t.commissions.statuses[status]}</StateBadge>;
}
