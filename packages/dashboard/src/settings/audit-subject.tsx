import type { AuditEntryResponse } from '@headwater/client/api';

import { TextLink } from '../ui/text-link.tsx';

/** Where what was changed is shown, by its id. */
const views = {
  link: '/links/$id',
  invitation: '/invitations/$id',
  referral_code: '/codes/$id',
  partner: '/partners/$id',
  partner_program: '/programs/$id',
  payout_batch: '/payouts/$id',
  webhook: '/webhooks/$id',
  payment_source: '/payments/$id',
  funnel: '/funnels/$id',
} as const;

/** The id of what was changed, which leads to it where it has a view. */
export function AuditSubject({ entry }: { readonly entry: AuditEntryResponse }) {
  const { subject_type: type, subject_id: id } = entry;
  // What has a name for an id is told by it.
  const words = /^[\da-f-]{36}$/.test(id) ? `…${id.slice(-6)}` : id;
  if (!Object.hasOwn(views, type)) return <>{words}</>;
  return (
    <TextLink to={views[type as keyof typeof views]} params={{ id } as never} size="xs">
      {words}
    </TextLink>
  );
}
