import { useState } from 'react';

import type { LinkResponse } from '@headwater/client/api';
import { Button, Group, Paper, Text } from '@mantine/core';

import { formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { notifyFault } from '../ui/notify.ts';
import { BulkDialog } from './bulk-dialog.tsx';
import { selectionMax } from './link-selection.ts';
import type { LinkSelection } from './link-selection.ts';

export interface BulkBarProps {
  readonly selection: LinkSelection;
  /** Everything that the list shows, page after page. */
  readonly readMatching: () => AsyncIterable<LinkResponse>;
}

/** What can be done with the links that are chosen. */
export function BulkBar({ selection, readMatching }: BulkBarProps) {
  const [task, setTask] = useState<'change' | 'archive'>();
  const [isBusy, setBusy] = useState(false);
  const chooseAll = async (): Promise<void> => {
    setBusy(true);
    try {
      const found: LinkResponse[] = [];
      for await (const link of readMatching()) {
        found.push(link);
        if (found.length >= selectionMax) break;
      }
      selection.add(found);
    } catch (fault) {
      notifyFault(fault);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Paper withBorder radius="md" p="xs" role="toolbar" aria-label={t.linkBulk.toolbar}>
      <Group gap="xs">
        <Text size="sm" fw={600} px="xs" role="status">
          {t.linkBulk.chosen(selection.links.length, formatNumber(selection.links.length))}
        </Text>
        <Button size="xs" onClick={() => setTask('change')}>
          {t.linkBulk.change}
        </Button>
        <Button size="xs" color="red" variant="light" onClick={() => setTask('archive')}>
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
      {task !== undefined && (
        <BulkDialog
          task={task}
          links={selection.links}
          onClose={(isDone) => {
            setTask(undefined);
            if (isDone) selection.clear();
          }}
        />
      )}
    </Paper>
  );
}
