import type { LinkResponse } from '@headwater/client/api';
import { Button, Group, List, Modal, Progress, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';

import { useRead } from '../api/use-api.ts';
import { formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { Failed } from '../ui/loaded.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { bulkChanges, emptyPlan } from './bulk-changes.ts';
import type { BulkPlan } from './bulk-changes.ts';
import { BulkFields } from './bulk-fields.tsx';
import { OutcomesTable, PreviewTable } from './bulk-tables.tsx';
import { shortAddress } from './short-address.ts';
import { useBulkRun } from './use-bulk-run.ts';

export interface BulkDialogProps {
  readonly task: 'change' | 'archive';
  readonly links: readonly LinkResponse[];
  /** Told whether anything has been done. */
  readonly onClose: (isDone: boolean) => void;
}

/** What is to change, what that means for each link, and what became of each: one after the other. */
export function BulkDialog({ task, links, onClose }: BulkDialogProps) {
  const [isPreview, setPreview] = useState(false);
  const form = useForm<BulkPlan>({ initialValues: emptyPlan });
  const folders = useRead('listFolders', undefined);
  const run = useBulkRun();
  const folderName = (id: string | null): string =>
    folders.data?.find((folder) => folder.id === id)?.name ?? t.linkForm.noFolder;
  const changes = bulkChanges(links, form.values, folderName);
  const real = changes.filter(({ lines }) => lines.length > 0);
  const hasRun = run.all > 0;
  const title =
    task === 'change' ? t.linkBulk.title(links.length) : t.linkBulk.archiveTitle(links.length);
  return (
    <Modal
      opened
      onClose={() => onClose(hasRun)}
      title={title}
      size="xl"
      closeOnClickOutside={!run.isRunning}
      closeOnEscape={!run.isRunning}
      withCloseButton={!run.isRunning}
      closeButtonProps={{ 'aria-label': t.actions.close }}
    >
      {hasRun ? (
        <Stack>
          <Progress
            value={(run.outcomes.length / run.all) * 100}
            animated={run.isRunning}
            aria-label={t.linkBulk.progress}
          />
          <Text size="sm" role="status">
            {t.linkBulk.done(formatNumber(run.outcomes.length), formatNumber(run.all))}
          </Text>
          {run.fault !== undefined && <Failed fault={run.fault} />}
          <OutcomesTable outcomes={run.outcomes} />
          <Group justify="flex-end">
            <RowsExport
              fileName="changed-links.csv"
              columns={['link', 'outcome', 'problem']}
              read={() => run.outcomes.map((row) => ({ ...row, link: shortAddress(row.link) }))}
            />
            <Button disabled={run.isRunning} onClick={() => onClose(true)}>
              {t.actions.done}
            </Button>
          </Group>
        </Stack>
      ) : task === 'archive' ? (
        <Stack>
          <Text size="sm">{t.linkBulk.archiveHint}</Text>
          <List
            size="sm"
            mah={240}
            style={{ overflowY: 'auto' }}
            tabIndex={0}
            aria-label={t.nav.links}
          >
            {links.map((link) => (
              <List.Item key={link.id}>{shortAddress(link)}</List.Item>
            ))}
          </List>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => onClose(false)}>
              {t.actions.cancel}
            </Button>
            <Button color="red" onClick={() => void run.archive(links)}>
              {t.links.archive}
            </Button>
          </Group>
        </Stack>
      ) : isPreview ? (
        <Stack>
          <Text size="sm">{t.linkBulk.preview(real.length, links.length)}</Text>
          <PreviewTable changes={changes} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setPreview(false)}>
              {t.linkBulk.back}
            </Button>
            <Button disabled={real.length === 0} onClick={() => void run.change(real)}>
              {t.linkBulk.run(real.length)}
            </Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={form.onSubmit(() => setPreview(true))}>
          <Stack>
            <BulkFields form={form} links={links} folders={folders.data ?? []} />
            <Group justify="flex-end">
              <Button type="submit">{t.linkBulk.toPreview}</Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
