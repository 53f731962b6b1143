import type { Source } from '../sources/source.ts';
import type { Invitation } from './invitation.ts';

/** Where somebody comes from who comes by an invitation. One invitation is one campaign. */
export function sourceOfInvitation(invitation: Pick<Invitation, 'id' | 'name'>): Source {
  return {
    source: 'invitation',
    medium: 'invitation',
    campaign: invitation.name ?? invitation.id,
    content: invitation.id,
    channel: 'Invitations',
    confidence: 'certain',
    rule: 'invitation',
    kind: 'campaign',
  };
}
