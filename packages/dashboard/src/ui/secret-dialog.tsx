import { Button, Code, Group, Modal, Stack, Text } from '@mantine/core';

import { t } from '../messages/messages.ts';
import { CopyButton } from './copy-button.tsx';

export interface SecretDialogProps {
  readonly title: string;
  readonly secret: string | undefined;
  readonly onClose: () => void;
}

/** What is shown this once. */
export function SecretDialog({ title, secret, onClose }: SecretDialogProps) {
  return (
    <Modal
      opened={secret !== undefined}
      onClose={onClose}
      title={title}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t.actions.close }}
    >
      <Stack>
        <Text size="sm">{t.states.shownOnce}</Text>
        <Group wrap="nowrap" gap="xs">
          <Code block flex={1} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
            {secret}
          </Code>
          {secret !== undefined && <CopyButton value={secret} label={t.actions.copy} />}
        </Group>
        <Group justify="flex-end">
          <Button onClick={onClose}>{t.actions.done}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
