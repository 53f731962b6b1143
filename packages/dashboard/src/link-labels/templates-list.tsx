import type { UtmTemplateResponse } from '@headwater/client/api';
import { Button, Group, Text } from '@mantine/core';
import { IconTemplate } from '@tabler/icons-react';
import { useState } from 'react';

import { useRead, useWrite } from '../api/use-api.ts';
import { nothing } from '../format/number.ts';
import { utmFields } from '../links/link-values.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { ask } from '../ui/ask.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyFault } from '../ui/notify.ts';
import { Panel } from '../ui/panel.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { RowActions } from './row-actions.tsx';
import { TemplateForm } from './template-form.tsx';

const column = columnsOf<UtmTemplateResponse>();

/** What new links say where nobody says otherwise. */
export function TemplatesList() {
  const templates = useRead('listUtmTemplates', undefined);
  const may = useMay();
  const [editing, setEditing] = useState<UtmTemplateResponse | 'new'>();
  const remove = useWrite('deleteUtmTemplate', ['listUtmTemplates']);
  const askToDelete = ({ id, name }: UtmTemplateResponse) =>
    ask({
      title: t.linkLabels.deleteTitle(name),
      hint: t.linkLabels.deleteTemplateHint,
      confirm: t.linkLabels.delete,
      onConfirm: () => remove.mutate({ id }, { onError: notifyFault }),
    });
  const create = may.write && (
    <Button size="xs" onClick={() => setEditing('new')}>
      {t.linkLabels.newTemplate}
    </Button>
  );
  return (
    <Panel flush title={t.linkLabels.tabs.templates} actions={create}>
      <Loaded
        query={templates}
        height={300}
        empty={
          <EmptyState icon={IconTemplate} title={t.linkLabels.noTemplates}>
            {t.linkLabels.noTemplatesHint}
          </EmptyState>
        }
      >
        {(rows) => (
          <DataTable
            label={t.linkLabels.tabs.templates}
            rows={rows}
            rowKey={({ id }) => id}
            minWidth={820}
            columns={[
              column(t.settings.name, ({ name, is_default }) => (
                <Group gap={6} wrap="nowrap">
                  <Text size="sm" fw={600}>
                    {name}
                  </Text>
                  {is_default && <StateBadge color="teal">{t.linkLabels.default}</StateBadge>}
                </Group>
              )),
              ...utmFields.map((field) =>
                column(t.links.utmFields[field], (template) => template[field] ?? nothing),
              ),
              column(
                t.actions.more,
                (template) => (
                  <RowActions
                    name={template.name}
                    edit={t.actions.edit}
                    onEdit={() => setEditing(template)}
                    onDelete={() => askToDelete(template)}
                  />
                ),
                { align: 'right' },
              ),
            ]}
          />
        )}
      </Loaded>
      {editing !== undefined && (
        <TemplateForm
          onClose={() => setEditing(undefined)}
          {...(editing !== 'new' && { template: editing })}
        />
      )}
    </Panel>
  );
}
