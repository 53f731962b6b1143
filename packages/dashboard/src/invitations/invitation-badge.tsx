import type { InvitationResponse } from '@headwater/client/api';

import { useNow } from '../app/use-now.ts';
import { t } from '../messages/messages.ts';
import { StateBadge } from '../ui/state-badge.tsx';

const colors = {
  active: 'teal',
  paused: 'yellow',
  revoked: 'red',
  declined: 'orange',
  expired: 'gray',
  full: 'blue',
  archived: 'gray',
} as const;

/** Whether it lets anybody in now, and why not: an end that has passed and a last seat count as much as the status. */
export function InvitationBadge({ invitation }: { readonly invitation: InvitationResponse }) {
  const now = useNow(60_000);
  const state = stateOf(invitation, now);
  return <StateBadge color={colors[state]}>{t.invitations.states[state]}</StateBadge>;
}

function stateOf(invitation: InvitationResponse, now: number): keyof typeof colors {
  if (invitation.archived_at !== null) return 'archived';
  if (invitation.status !== 'active') return invitation.status;
  if (invitation.expires_at !== null && new Date(invitation.expires_at).getTime() <= now)
    return 'expired';
  return invitation.uses >= invitation.uses_max ? 'full' : 'active';
}
