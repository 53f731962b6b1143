import { IconSend } from '@tabler/icons-react';

import { useRead } from '../api/use-api.ts';
import { DispatchesTable } from '../connectors/dispatches-table.tsx';
import { t } from '../messages/messages.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';

/** What ad platforms were told of a person, and why not: the latest first. */
export function VisitorDispatches({ id }: { readonly id: string }) {
  const dispatches = useRead('listDispatches', { visitor_id: id, limit: 100 });
  return (
    <Loaded
      query={dispatches}
      empty={
        <EmptyState
          icon={IconSend}
          title={t.visitors.noDispatches}
          action={
            <LinkButton to="/connectors" variant="default" size="xs">
              {t.nav.connectors}
            </LinkButton>
          }
        />
      }
    >
      {(rows) => <DispatchesTable dispatches={rows} />}
    </Loaded>
  );
}
