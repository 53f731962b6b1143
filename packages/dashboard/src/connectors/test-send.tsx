import type { ConnectorResponse } from '@headwater/client/api';
import { Button, Group, Text } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';

import { useRead, useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { ask } from '../ui/ask.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { Panel } from '../ui/panel.tsx';
import { DispatchesTable } from './dispatches-table.tsx';

const week = 7 * 86_400_000;

/** The latest conversions, each with its payload and a way to send it; in test mode the platform only checks them. */
export function TestSend({ connector }: { readonly connector: ConnectorResponse }) {
  const { type, test, enabled } = connector;
  const dispatches = useRead('listDispatches', { connector: type, limit: 6 });
  const plan = useWrite('reconcileDispatches', ['listDispatches', 'summariseDispatches']);
  const askToPlan = () =>
    ask({
      title: t.connectors.planTitle,
      hint: t.connectors.planHint,
      confirm: t.connectors.plan,
      isHarmless: true,
      onConfirm: () =>
        plan.mutate(
          { body: { since: new Date(Date.now() - week).toISOString() } },
          {
            onSuccess: ({ planned }) => notifyDone(t.connectors.planned(planned[type] ?? 0)),
            onError: notifyFault,
          },
        ),
    });
  return (
    <Panel title={t.connectors.tryIt} flush>
      <Group px="md" pb="sm" justify="space-between" wrap="nowrap" align="flex-start">
        <Text size="sm" c="dimmed">
          {test ? t.connectors.tryHintTest : t.connectors.tryHint}
        </Text>
        <Button
          size="xs"
          variant="default"
          loading={plan.isPending}
          disabled={!enabled}
          onClick={askToPlan}
          style={{ flexShrink: 0 }}
        >
          {t.connectors.plan}
        </Button>
      </Group>
      <Loaded
        query={dispatches}
        empty={
          <EmptyState icon={IconSend} title={t.dispatches.emptyTitle}>
            {enabled ? t.dispatches.emptyHint : t.connectors.offHint}
          </EmptyState>
        }
      >
        {(rows) => <DispatchesTable dispatches={rows} isShort />}
      </Loaded>
    </Panel>
  );
}
