import type { Partner } from '@headwater/client/api';

import { t } from '../messages/messages.ts';
import { StateBadge } from '../ui/state-badge.tsx';

const colors = { active: 'teal', disabled: 'orange', archived: 'gray' } as const;

export function PartnerBadge({ status }: { readonly status: Partner['status'] }) {
  return <StateBadge color={colors[status]}>{t.partners.statuses[status]}</StateBadge>;
}
