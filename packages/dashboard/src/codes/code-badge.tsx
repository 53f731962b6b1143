import type { ReferralCodeResponse } from '@headwater/client/api';

import { useNow } from '../app/use-now.ts';
import { t } from '../messages/messages.ts';
import { StateBadge } from '../ui/state-badge.tsx';

const colors = {
  active: 'teal',
  inactive: 'yellow',
  expired: 'gray',
  exhausted: 'blue',
  archived: 'gray',
} as const;

/** Whether the code can be redeemed now, and why not. */
export function CodeBadge({ code }: { readonly code: ReferralCodeResponse }) {
  const now = useNow(60_000);
  const state = stateOf(code, now);
  return <StateBadge color={colors[state]}>{t.codes.states[state]}</StateBadge>;
}

function stateOf(code: ReferralCodeResponse, now: number): keyof typeof colors {
  if (code.archived_at !== null) return 'archived';
  if (!code.active) return 'inactive';
  if (code.expires_at !== null && new Date(code.expires_at).getTime() <= now) return 'expired';
  return code.uses >= code.uses_max ? 'exhausted' : 'active';
}
