import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';

import { t } from '../messages/messages.ts';

/** Asks before something is done that cannot be taken back, or that others will notice. */
export function ask(question: {
  readonly title: string;
  readonly hint: string;
  readonly confirm: string;
  readonly isHarmless?: boolean;
  readonly onConfirm: () => void;
}): void {
  const { title, hint, confirm, isHarmless = false, onConfirm } = question;
  modals.openConfirmModal({
    title,
    children: <Text size="sm">{hint}</Text>,
    labels: { confirm, cancel: t.actions.cancel },
    ...(!isHarmless && { confirmProps: { color: 'red' } }),
    closeButtonProps: { 'aria-label': t.actions.close },
    onConfirm,
  });
}
