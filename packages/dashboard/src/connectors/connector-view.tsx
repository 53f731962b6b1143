import { Alert, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconPlayerPause } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';

import { useRead, useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { ask } from '../ui/ask.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { ConnectorBadge } from './connector-badge.tsx';
import { ConnectorForm } from './connector-form.tsx';
import { ConnectorHealth } from './connector-health.tsx';
import { TestSend } from './test-send.tsx';

/** One platform: what it needs, how it goes, and a way to try it. */
export function ConnectorView() {
  const { type = '' } = useParams({ strict: false });
  const { timezone } = useWorkspace();
  const connector = useRead('getConnector', { type }, { keepsPrevious: false });
  const update = useWrite('updateConnector', ['listConnectors', 'getConnector', 'listDispatches']);
  const change = (body: Parameters<typeof update.mutate>[0]['body']): void =>
    update.mutate(
      { type, body },
      { onSuccess: () => notifyDone(t.states.saved), onError: notifyFault },
    );
  return (
    <Loaded query={connector} height={500}>
      {(found) => (
        <Page
          title={found.label}
          description={
            <Group gap="xs">
              <ConnectorBadge connector={found} />
              {found.enabled_at !== null &&
                t.connectors.since(formatInstant(found.enabled_at, timezone))}
            </Group>
          }
          actions={
            <>
              <LinkButton
                to="/dispatches"
                search={{ connector: type } as never}
                size="xs"
                variant="default"
              >
                {t.dispatches.title}
              </LinkButton>
              {found.enabled ? (
                <Button
                  size="xs"
                  color="red"
                  variant="light"
                  onClick={() =>
                    ask({
                      title: t.connectors.disableTitle(found.label),
                      hint: t.connectors.disableHint,
                      confirm: t.connectors.disable,
                      onConfirm: () => change({ enabled: false }),
                    })
                  }
                >
                  {t.connectors.disable}
                </Button>
              ) : (
                <Button
                  size="xs"
                  loading={update.isPending}
                  onClick={() => change({ enabled: true })}
                >
                  {t.connectors.enable}
                </Button>
              )}
            </>
          }
        >
          {found.paused !== null && (
            <Alert
              color="red"
              icon={<IconPlayerPause aria-hidden />}
              title={t.connectors.pausedSince(formatInstant(found.paused.at, timezone))}
            >
              <Stack gap="xs" align="flex-start">
                <Text size="sm">
                  {found.paused.message} ({found.paused.code})
                </Text>
                <Button size="xs" variant="default" onClick={() => change({})}>
                  {t.connectors.resume}
                </Button>
              </Stack>
            </Alert>
          )}
          <ConnectorHealth type={type} />
          <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
            <Panel title={t.connectors.setUp}>
              <ConnectorForm key={found.type} connector={found} />
            </Panel>
            <TestSend connector={found} />
          </SimpleGrid>
        </Page>
      )}
    </Loaded>
  );
}
