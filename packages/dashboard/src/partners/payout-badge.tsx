import type { Payout } from '@headwater/client/api';

import { t } from '../messages/messages.ts';
import { StateBadge } from '../ui/state-badge.tsx';

const colors = { pending: 'yellow', paid: 'teal', failed: 'red' } as const;

export function PayoutBadge({ status }: { readonly status: Payout['status'] }) {
  return <StateBadge color={colors[status]}>{t.payouts.statuses[status]}</StateBadge>;
}
