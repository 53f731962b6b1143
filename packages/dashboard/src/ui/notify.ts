import { notifications } from '@mantine/notifications';

import { faultMessage } from '../api/fault-message.ts';
import { t } from '../messages/messages.ts';

const closeButtonProps = { 'aria-label': t.actions.close };

export function notifyDone(message: string): void {
  notifications.show({ color: 'teal', message, closeButtonProps });
}

export function notifyFault(fault: unknown): void {
  notifications.show({
    color: 'red',
    title: t.states.failed,
    message: faultMessage(fault),
    closeButtonProps,
  });
}

/** What did not work although the server has done as it was told. */
export function notifyProblem(message: string): void {
  notifications.show({ color: 'red', title: t.states.failed, message, closeButtonProps });
}
