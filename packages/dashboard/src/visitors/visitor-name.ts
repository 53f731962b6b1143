import type { VisitorResponse } from '@headwater/client/api';

import { t } from '../messages/messages.ts';

/** What to call somebody: by what they are known by, or as nobody in particular. */
export function visitorName(visitor: VisitorResponse): string {
  return (
    visitor.person_name ??
    visitor.person_email ??
    visitor.person_external_id ??
    visitor.person_phone ??
    t.visitors.anonymous(visitor.id.slice(-6))
  );
}
