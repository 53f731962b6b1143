import { useEffect, useRef } from 'react';

import { Button, Group, Paper, Progress, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconTestPipe } from '@tabler/icons-react';

import { formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { useSession } from '../session/use-session.ts';
import { Failed } from '../ui/loaded.tsx';
import { notifyFault } from '../ui/notify.ts';
import { useDemo, useDemoActions } from './demo-api.ts';
import type { DemoStatus } from './demo-api.ts';

/** For who has no data yet: a workspace of simulated data, made by one click. */
export function DemoOffer() {
  const isPerson = useSession()?.person !== undefined;
  const demo = useDemo();
  const { make, enter } = useDemoActions();
  const status = demo.data;
  const state = status?.state;
  const before = useRef(state);
  const { mutate: go } = enter;
  // Who has waited for it is taken there.
  useEffect(() => {
    if (before.current === 'making' && state === 'ready') go(undefined, { onError: notifyFault });
    before.current = state;
  }, [state, go]);
  if (status === undefined) return null;
  // Every person may go there; making it, and getting a key for it, are for admins.
  const isOpen = status.state === 'ready' && isPerson;
  if (!isOpen && status.may_change !== true) return null;
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-label={t.demo.title}>
      <Group justify="space-between" gap="md">
        <Group gap="md" wrap="nowrap" flex="1 1 320px">
          <ThemeIcon variant="light" color="orange" size={40} radius="xl">
            <IconTestPipe size={22} stroke={1.5} aria-hidden />
          </ThemeIcon>
          <Stack gap={2}>
            <Text fw={600}>{t.demo.title}</Text>
            <Text size="sm" c="dimmed">
              {t.demo.hint}
            </Text>
          </Stack>
        </Group>
        {status.state === 'making' ? (
          <DemoProgress status={status} />
        ) : status.state === 'ready' ? (
          <Button
            variant="default"
            loading={enter.isPending}
            onClick={() => enter.mutate(undefined, { onError: notifyFault })}
          >
            {t.demo.open}
          </Button>
        ) : (
          <Button variant="default" loading={make.isPending} onClick={() => make.mutate()}>
            {t.demo.make}
          </Button>
        )}
      </Group>
      {make.error !== null && <Failed fault={make.error} />}
      {status.state === 'failed' && (
        <Text size="sm" c="var(--hw-bad)" pt="xs" role="alert">
          {t.demo.failed}
        </Text>
      )}
    </Paper>
  );
}

function DemoProgress({ status }: { readonly status: DemoStatus }) {
  const { visits_done: done, visits_all: all } = status;
  const words =
    all === 0 ? t.demo.preparing : t.demo.progress(formatNumber(done), formatNumber(all));
  return (
    <Stack gap={4} w={260} role="status">
      <Progress
        value={all === 0 ? 2 : Math.max(2, (100 * done) / all)}
        color="orange"
        animated
        aria-label={t.demo.making}
      />
      <Text size="xs" c="dimmed">
        {words}
      </Text>
    </Stack>
  );
}
