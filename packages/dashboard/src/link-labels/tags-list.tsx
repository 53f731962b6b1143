import type { TagResponse } from '@headwater/client/api';
import { IconTags } from '@tabler/icons-react';
import { useState } from 'react';

import { useRead, useWrite } from '../api/use-api.ts';
import { formatNumber } from '../format/number.ts';
import { staleWithLinks } from '../links/stale-links.ts';
import { t } from '../messages/messages.ts';
import { ask } from '../ui/ask.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { Panel } from '../ui/panel.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { NameDialog } from './name-dialog.tsx';
import { RowActions } from './row-actions.tsx';

const column = columnsOf<TagResponse>();

/** The tags that links have; a tag is there as long as a link has it. */
export function TagsList() {
  const tags = useRead('listTags', undefined);
  const [renaming, setRenaming] = useState<string>();
  const rename = useWrite('renameTag', staleWithLinks);
  const remove = useWrite('deleteTag', staleWithLinks);
  const askToDelete = ({ name, links }: TagResponse) =>
    ask({
      title: t.linkLabels.deleteTitle(name),
      hint: t.linkLabels.deleteTagHint(links, formatNumber(links)),
      confirm: t.linkLabels.delete,
      onConfirm: () => remove.mutate({ name }, { onError: notifyFault }),
    });
  return (
    <Panel flush title={t.linkLabels.tabs.tags}>
      <Loaded
        query={tags}
        height={300}
        empty={
          <EmptyState icon={IconTags} title={t.linkLabels.noTags}>
            {t.linkLabels.noTagsHint}
          </EmptyState>
        }
      >
        {(rows) => (
          <DataTable
            label={t.linkLabels.tabs.tags}
            rows={rows}
            rowKey={({ name }) => name}
            minWidth={480}
            columns={[
              column(t.settings.name, ({ name }) => (
                <TextLink to="/links" search={{ tag: name }} fw={600} size="sm">
                  {name}
                </TextLink>
              )),
              column(t.nav.links, ({ links }) => formatNumber(links), { align: 'right' }),
              column(
                t.actions.more,
                (tag) => (
                  <RowActions
                    name={tag.name}
                    edit={t.linkLabels.rename}
                    onEdit={() => setRenaming(tag.name)}
                    onDelete={() => askToDelete(tag)}
                  />
                ),
                { align: 'right' },
              ),
            ]}
          />
        )}
      </Loaded>
      {renaming !== undefined && (
        <NameDialog
          title={t.linkLabels.renameOf(renaming)}
          name={renaming}
          submit={t.actions.save}
          isBusy={rename.isPending}
          fault={rename.error}
          onClose={() => {
            setRenaming(undefined);
            rename.reset();
          }}
          onSubmit={(name) =>
            rename.mutate(
              { name: renaming, body: { name } },
              {
                onSuccess: ({ links }) => {
                  notifyDone(t.linkLabels.tagRenamed(links, formatNumber(links)));
                  setRenaming(undefined);
                },
              },
            )
          }
        />
      )}
    </Panel>
  );
}
