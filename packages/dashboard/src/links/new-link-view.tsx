import { useNavigate, useSearch } from '@tanstack/react-router';

import { useRead, useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { notifyDone } from '../ui/notify.ts';
import { Page } from '../ui/page.tsx';
import { LinkForm } from './link-form.tsx';
import { staleWithLinks } from './stale-links.ts';
import { shortAddress } from './short-address.ts';

/** A new link, or a copy of one. */
export function NewLinkView() {
  const navigate = useNavigate();
  const { from }: { from?: string } = useSearch({ strict: false });
  const copied = useRead('getLink', { id: from ?? '' }, { enabled: from !== undefined });
  const templates = useRead('listUtmTemplates', undefined);
  const create = useWrite('createLink', staleWithLinks);
  const isReady = (from === undefined || !copied.isPending) && !templates.isPending;
  return (
    <Page title={t.links.create} description={t.links.createHint}>
      {isReady && (
        <LinkForm
          link={copied.data}
          isNew
          template={templates.data?.find((template) => template.is_default)}
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
