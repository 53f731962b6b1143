import type { ReactNode } from 'react';

import { Button, Group, Modal, Stack } from '@mantine/core';

import { t } from '../messages/messages.ts';
import { Failed } from './loaded.tsx';

export interface FormDialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onSubmit: (event: React.FormEvent<HTMLFormElement>) => void;
  /** What its button says. */
  readonly submit: string;
  readonly isBusy: boolean;
  readonly fault: Error | null;
  readonly size?: string;
  readonly children: ReactNode;
}

/** A form in a dialog, with what the server had against it. */
export function FormDialog(props: FormDialogProps) {
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title={props.title}
      size={props.size ?? 'md'}
      closeButtonProps={{ 'aria-label': t.actions.close }}
    >
      <form onSubmit={props.onSubmit}>
        <Stack>
          {props.children}
          {props.fault !== null && <Failed fault={props.fault} />}
          <Group justify="flex-end">
            <Button type="submit" loading={props.isBusy}>
              {props.submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
