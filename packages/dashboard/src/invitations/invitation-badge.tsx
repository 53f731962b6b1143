import type { InvitationResponse } from '@headwater/client/api';
import { Badge } from '@mantine/core';

import { useNow } from '../app/use-now.ts';
import { t } from '../messages/messages.ts';

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
  return (
    <Badge variant="light" color={colors[state]} tt="none" size="sm">
      {t.invitations.states[state]}
    </Badge>
  );
}

function stateOf(invitation: InvitationResponse, now: number): keyof typeof colors {
  if (invitation.archived_at !== null) return 'archived';
  if (invitation.status !== 'active') return invitation.status;
  if (invitation.expires_at !== null && new Date(invitation.expires_at).getTime() <= now)
    return 'expired';
  return invitation.uses >= invitation.uses_max ? 'full' : 'active';
}
