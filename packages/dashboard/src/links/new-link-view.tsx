import { useNavigate, useSearch } from '@tanstack/react-router';

import { useRead, useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { notifyDone } from '../ui/notify.ts';
import { Page } from '../ui/page.tsx';
import { LinkForm } from './link-form.tsx';
import { shortAddress } from './short-address.ts';

/** A new link, or a copy of one. */
export function NewLinkView() {
  const navigate = useNavigate();
  const { from }: { from?: string } = useSearch({ strict: false });
  const copied = useRead('getLink', { id: from ?? '' }, { enabled: from !== undefined });
  const create = useWrite('createLink', ['listLinks']);
  return (
    <Page title={t.links.create} description={t.links.createHint}>
      {(from === undefined || !copied.isPending) && (
        <LinkForm
          link={copied.data}
          isNew
          isBusy={create.isPending}
          fault={create.error}
          onSubmit={(body) =>
            create.mutate(
              { body },
              {
                onSuccess: (link) => {
                  notifyDone(t.links.createDone(shortAddress(link)));
                  void navigate({ to: '/links/$id', params: { id: link.id } });
                },
              },
            )
          }
        />
      )}
    </Page>
  );
}
