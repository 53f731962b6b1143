import { useState } from 'react';

import type { LinkResponse } from '@headwater/client/api';
import { Button, Group, Paper, Text } from '@mantine/core';

import { useApi } from '../api/use-api.ts';
import { formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { notifyFault } from '../ui/notify.ts';
import { BulkDialog } from './bulk-dialog.tsx';
import type { BulkDialogProps } from './bulk-dialog.tsx';
import { selectionMax } from './link-selection.ts';
import type { LinkSelection } from './link-selection.ts';

export interface BulkBarProps {
  readonly selection: LinkSelection;
  /** Everything that the list shows, page after page. */
  readonly readMatching: () => AsyncIterable<LinkResponse>;
}

const readAtOnce = 20;

/** What can be done with the links that are chosen. */
export function BulkBar({ selection, readMatching }: BulkBarProps) {
  const api = useApi();
  const [opened, setOpened] = useState<Pick<BulkDialogProps, 'task' | 'links'>>();
  const [isBusy, setBusy] = useState(false);
  const during = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await work();
    } catch (fault) {
      notifyFault(fault);
    } finally {
      setBusy(false);
    }
  };
  const chooseAll = () =>
    during(async () => {
      const found: LinkResponse[] = [];
      for await (const link of readMatching()) {
        found.push(link);
        if (found.length >= selectionMax) break;
      }
      selection.add(found);
    });
  // They may be other than when they were chosen: tags are sent as a whole.
  const open = (task: BulkDialogProps['task']) =>
    during(async () => {
      const links: LinkResponse[] = [];
      for (let start = 0; start < selection.links.length; start += readAtOnce) {
        const part = selection.links.slice(start, start + readAtOnce);
        // oxlint-disable-next-line no-await-in-loop
        links.push(...(await Promise.all(part.map(({ id }) => api.getLink({ id })))));
      }
      setOpened({ task, links });
    });
  return (
    <Paper withBorder radius="md" p="xs" role="toolbar" aria-label={t.linkBulk.toolbar}>
      <Group gap="xs">
        <Text size="sm" fw={600} px="xs" role="status">
          {selection.links.length >= selectionMax
            ? t.linkBulk.chosenMost(formatNumber(selectionMax))
            : t.linkBulk.chosen(selection.links.length, formatNumber(selection.links.length))}
        </Text>
        <Button size="xs" loading={isBusy} onClick={() => void open('change')}>
          {t.linkBulk.change}
        </Button>
        <Button
          size="xs"
          color="red"
          variant="light"
          disabled={isBusy}
          onClick={() => void open('archive')}
        >
          {t.links.archive}
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={isBusy}
          disabled={selection.links.length >= selectionMax}
          onClick={() => void chooseAll()}
        >
          {t.linkBulk.chooseAll}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={selection.clear}>
          {t.linkBulk.clear}
        </Button>
      </Group>
      {opened !== undefined && (
        <BulkDialog
          {...opened}
          onClose={(isDone) => {
            setOpened(undefined);
            if (isDone) selection.clear();
          }}
        />
      )}
    </Paper>
  );
}
