import { useState } from 'react';

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';

import { saveResponse } from '../api/download.ts';
import { faultMessage } from '../api/fault-message.ts';
import { t } from '../messages/messages.ts';

export interface ExportButtonProps {
  readonly fileName: string;
  readonly read: () => Promise<Response>;
  readonly label?: string;
}

/** Saves what the server exports. */
export function ExportButton({ fileName, read, label = t.actions.exportCsv }: ExportButtonProps) {
  const [isBusy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      await saveResponse(await read(), fileName);
    } catch (fault) {
      notifications.show({ color: 'red', title: t.states.failed, message: faultMessage(fault) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      size="xs"
      variant="default"
      loading={isBusy}
      leftSection={<IconDownload size={14} aria-hidden />}
      onClick={() => void save()}
    >
      {label}
    </Button>
  );
}
