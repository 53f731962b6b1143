import { useNavigate, useParams } from '@tanstack/react-router';

import { useRead, useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone } from '../ui/notify.ts';
import { Page } from '../ui/page.tsx';
import { LinkForm } from './link-form.tsx';
import { staleWithLinks } from './stale-links.ts';

export function EditLinkView() {
  const { id = '' } = useParams({ strict: false });
  const navigate = useNavigate();
  const link = useRead('getLink', { id }, { keepsPrevious: false });
  const update = useWrite('updateLink', staleWithLinks);
  return (
    <Page title={t.links.edit}>
      <Loaded query={link} height={480}>
        {(found) => (
          <LinkForm
            key={found.id}
            link={found}
            isNew={false}
            isBusy={update.isPending}
            fault={update.error}
            onSubmit={(_, body) =>
              update.mutate(
                { id, body },
                {
                  onSuccess: () => {
                    notifyDone(t.states.saved);
                    void navigate({ to: '/links/$id', params: { id } });
                  },
                },
              )
            }
          />
        )}
      </Loaded>
    </Page>
  );
}
