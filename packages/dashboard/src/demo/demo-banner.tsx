import { Button, Group, Paper, Text } from '@mantine/core';
import { IconTestPipe } from '@tabler/icons-react';

import { t } from '../messages/messages.ts';
import { useSessionStore } from '../session/use-session.ts';
import { ask } from '../ui/ask.tsx';
import { notifyFault } from '../ui/notify.ts';
import { useDemo, useDemoActions } from './demo-api.ts';

/** Stands above every view of a simulated workspace: that nothing there is real, the way back, and its end. */
export function DemoBanner() {
  const sessions = useSessionStore();
  const demo = useDemo();
  const { remove } = useDemoActions();
  const mayRemove = demo.data?.may_change === true;
  return (
    <Paper
      component="aside"
      aria-label={t.shell.demo}
      mb="md"
      px="md"
      py={6}
      radius="md"
      bg="var(--hw-simulated)"
      c="var(--hw-on-simulated)"
    >
      <Group justify="space-between" gap="xs">
        <Group gap={8} wrap="nowrap" flex="1 1 260px">
          <IconTestPipe size={18} style={{ flexShrink: 0 }} aria-hidden />
          <Text size="sm">{t.demo.banner}</Text>
        </Group>
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => void sessions.leaveDemo(false)}
          >
            {t.demo.leave}
          </Button>
          {mayRemove && (
            <Button
              size="compact-sm"
              variant="default"
              loading={remove.isPending}
              onClick={() =>
                ask({
                  title: t.demo.removeTitle,
                  hint: t.demo.removeHint,
                  confirm: t.demo.remove,
                  onConfirm: () => remove.mutate(undefined, { onError: notifyFault }),
                })
              }
            >
              {t.demo.remove}
            </Button>
          )}
        </Group>
      </Group>
    </Paper>
  );
}
