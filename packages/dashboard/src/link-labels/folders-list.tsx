import type { FolderResponse } from '@headwater/client/api';
import { Button } from '@mantine/core';
import { IconFolder } from '@tabler/icons-react';
import { useState } from 'react';

import { useRead, useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatNumber } from '../format/number.ts';
import { formatDay } from '../format/time.ts';
import { staleWithLinks } from '../links/stale-links.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
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

const column = columnsOf<FolderResponse>();

/** The folders of links: a link is in one of them or in none. */
export function FoldersList() {
  const { timezone } = useWorkspace();
  const folders = useRead('listFolders', undefined);
  const may = useMay();
  const [editing, setEditing] = useState<FolderResponse | 'new'>();
  const remove = useWrite('deleteFolder', staleWithLinks);
  const askToDelete = ({ id, name, links }: FolderResponse) =>
    ask({
      title: t.linkLabels.deleteTitle(name),
      hint: t.linkLabels.deleteFolderHint(links, formatNumber(links)),
      confirm: t.linkLabels.delete,
      onConfirm: () => remove.mutate({ id }, { onError: notifyFault }),
    });
  const create = may.write && (
    <Button size="xs" onClick={() => setEditing('new')}>
      {t.linkLabels.newFolder}
    </Button>
  );
  return (
    <Panel flush title={t.linkLabels.tabs.folders} actions={create}>
      <Loaded
        query={folders}
        height={300}
        empty={
          <EmptyState icon={IconFolder} title={t.linkLabels.noFolders}>
            {t.linkLabels.noFoldersHint}
          </EmptyState>
        }
      >
        {(rows) => (
          <DataTable
            label={t.linkLabels.tabs.folders}
            rows={rows}
            rowKey={({ id }) => id}
            minWidth={560}
            columns={[
              column(t.settings.name, ({ id, name }) => (
                <TextLink to="/links" search={{ folder: id }} fw={600} size="sm">
                  {name}
                </TextLink>
              )),
              column(t.nav.links, ({ links }) => formatNumber(links), { align: 'right' }),
              column(t.links.created, ({ inserted_at }) => formatDay(inserted_at, timezone), {
                align: 'right',
              }),
              column(
                t.actions.more,
                (folder) => (
                  <RowActions
                    name={folder.name}
                    edit={t.linkLabels.rename}
                    onEdit={() => setEditing(folder)}
                    onDelete={() => askToDelete(folder)}
                  />
                ),
                { align: 'right' },
              ),
            ]}
          />
        )}
      </Loaded>
      {editing !== undefined && (
        <FolderDialog
          onClose={() => setEditing(undefined)}
          {...(editing !== 'new' && { folder: editing })}
        />
      )}
    </Panel>
  );
}

function FolderDialog(props: { readonly folder?: FolderResponse; readonly onClose: () => void }) {
  const { folder, onClose } = props;
  const create = useWrite('createFolder', ['listFolders']);
  const rename = useWrite('renameFolder', ['listFolders']);
  const done = {
    onSuccess: () => {
      notifyDone(t.states.saved);
      onClose();
    },
  };
  return (
    <NameDialog
      title={folder === undefined ? t.linkLabels.newFolder : t.linkLabels.renameOf(folder.name)}
      name={folder?.name ?? ''}
      submit={folder === undefined ? t.linkLabels.newFolder : t.actions.save}
      isBusy={create.isPending || rename.isPending}
      fault={create.error ?? rename.error}
      onClose={onClose}
      onSubmit={(name) =>
        folder === undefined
          ? create.mutate({ body: { name } }, done)
          : rename.mutate({ id: folder.id, body: { name } }, done)
      }
    />
  );
}
