import type { Partner } from '@headwater/client/api';

import { useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { ask } from '../ui/ask.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';

const stale = ['listPartners', 'getPartner'] as const;

/** Suspends a partner, takes one on again, or ends it for good; what others notice is asked first. */
export function usePartnerChange() {
  const update = useWrite('updatePartner', stale);
  const archive = useWrite('archivePartner', stale);
  const done = (message: string) => ({
    onSuccess: () => notifyDone(message),
    onError: notifyFault,
  });
  return {
    suspend: ({ id, name }: Partner) =>
      ask({
        title: t.partners.suspendTitle(name),
        hint: t.partners.suspendHint,
        confirm: t.partners.suspend,
        onConfirm: () =>
          update.mutate({ id, body: { status: 'disabled' } }, done(t.partners.suspended(name))),
      }),
    activate: ({ id, name }: Partner) =>
      update.mutate({ id, body: { status: 'active' } }, done(t.partners.activated(name))),
    archive: ({ id, name }: Partner) =>
      ask({
        title: t.partners.archiveTitle(name),
        hint: t.partners.archiveHint,
        confirm: t.partners.archive,
        onConfirm: () => archive.mutate({ id }, done(t.links.archiveDone)),
      }),
  };
}
