import { useEffect, useState } from 'react';

import type { Input } from '@headwater/client/api';
import { Button, Group, List, Loader, Modal, Stack, Text } from '@mantine/core';

import { useWrite } from '../api/use-api.ts';
import { formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { Failed } from '../ui/loaded.tsx';
import { notifyDone } from '../ui/notify.ts';

export interface ReplayDialogProps {
  readonly question: Input<'replayDispatches'>['body'];
  readonly onClose: () => void;
}

/** Sends again what the list is about, after saying how many that are. */
export function ReplayDialog({ question, onClose }: ReplayDialogProps) {
  const preview = useWrite('replayDispatches', []);
  const replay = useWrite('replayDispatches', ['listDispatches', 'summariseDispatches']);
  const { mutate } = preview;
  // Once: what the list is about stays while the dialog is open.
  const [asked] = useState(question);
  useEffect(() => mutate({ body: { ...asked, preview: true } }), [asked, mutate]);
  const send = () =>
    replay.mutate(
      { body: asked },
      {
        onSuccess: ({ count, more }) => {
          notifyDone(t.dispatches.replayed(formatNumber(count), more));
          onClose();
        },
      },
    );
  const fault = preview.error ?? replay.error;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t.dispatches.replay}
      closeButtonProps={{ 'aria-label': t.actions.close }}
    >
      <Stack>
        <Text size="sm">{t.dispatches.replayHint}</Text>
        {preview.isPending && <Loader size="sm" aria-label={t.states.loading} />}
        {preview.data !== undefined && (
          <>
            <Text fw={600}>{t.dispatches.replayCount(preview.data.count)}</Text>
            <List size="sm">
              {Object.entries(preview.data.by_connector).map(([connector, count]) => (
                <List.Item key={connector}>
                  {connector}: {formatNumber(count)}
                </List.Item>
              ))}
            </List>
            {preview.data.more && <Text size="sm">{t.dispatches.replayMore}</Text>}
          </>
        )}
        {fault !== null && <Failed fault={fault} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t.actions.cancel}
          </Button>
          <Button
            onClick={send}
            loading={replay.isPending}
            disabled={preview.data === undefined || preview.data.count === 0}
          >
            {t.dispatches.replay}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
