import type { WebhookResponse } from '@headwater/client/api';
import { Alert, Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';

import { useRead, useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { ask } from '../ui/ask.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault, notifyProblem } from '../ui/notify.ts';
import { Page } from '../ui/page.tsx';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import { Deliveries } from './deliveries.tsx';
import { WebhookBadge } from './webhook-badge.tsx';
import { WebhookForm } from './webhook-form.tsx';

/** One receiver: what it is told of, whether that arrives, and a way to try it. */
export function WebhookView() {
  const { id = '' } = useParams({ strict: false });
  const { timezone } = useWorkspace();
  const webhook = useRead('getWebhook', { id }, { keepsPrevious: false });
  const update = useWrite('updateWebhook', ['listWebhooks', 'getWebhook']);
  return (
    <Loaded query={webhook} height={500}>
      {(found) => (
        <Page
          title={found.description ?? new URL(found.url).host}
          description={
            <>
              <WebhookBadge webhook={found} />{' '}
              <Text span ff="monospace" style={{ overflowWrap: 'anywhere' }}>
                {found.url}
              </Text>
              <Text size="xs">
                {found.event_types.includes('*')
                  ? t.webhooks.everything
                  : found.event_types.join(', ')}
              </Text>
            </>
          }
          actions={<WebhookActions webhook={found} />}
        >
          {found.status === 'disabled' && (
            <Alert
              color="orange"
              icon={<IconAlertTriangle aria-hidden />}
              title={t.webhooks.states.disabled}
            >
              {found.disabled_reason !== null && t.webhooks.disabledReasons[found.disabled_reason]}{' '}
              <Button
                size="xs"
                variant="default"
                loading={update.isPending}
                onClick={() =>
                  update.mutate(
                    { id, body: { status: 'enabled' } },
                    { onSuccess: () => notifyDone(t.states.saved), onError: notifyFault },
                  )
                }
              >
                {t.webhooks.enable}
              </Button>
            </Alert>
          )}
          {found.failing_since !== null && found.status === 'enabled' && (
            <Alert color="orange" icon={<IconAlertTriangle aria-hidden />}>
              {t.webhooks.failingSince(formatInstant(found.failing_since, timezone))}
            </Alert>
          )}
          <Deliveries webhook={found} />
        </Page>
      )}
    </Loaded>
  );
}

function WebhookActions({ webhook }: { readonly webhook: WebhookResponse }) {
  const { id, url } = webhook;
  const navigate = useNavigate();
  const [isEditing, editing] = useDisclosure();
  const [secret, setSecret] = useState<string>();
  const test = useWrite('testWebhook', ['listWebhookDeliveries', 'getWebhook']);
  const rotate = useWrite('rotateWebhookSecret', []);
  const archive = useWrite('archiveWebhook', ['listWebhooks']);
  return (
    <>
      <Button
        size="xs"
        loading={test.isPending}
        onClick={() =>
          test.mutate(
            { id },
            {
              onSuccess: ({ status, reason }) =>
                status === 'delivered'
                  ? notifyDone(t.webhooks.testArrived)
                  : notifyProblem(t.webhooks.testFailed(reason ?? status)),
              onError: notifyFault,
            },
          )
        }
      >
        {t.webhooks.test}
      </Button>
      <Button size="xs" variant="default" onClick={editing.open}>
        {t.actions.edit}
      </Button>
      <Button
        size="xs"
        variant="default"
        onClick={() =>
          ask({
            title: t.webhooks.rotateTitle,
            hint: t.webhooks.rotateHint,
            confirm: t.webhooks.rotate,
            onConfirm: () =>
              rotate.mutate(
                { id },
                { onSuccess: (made) => setSecret(made.secret), onError: notifyFault },
              ),
          })
        }
      >
        {t.webhooks.rotate}
      </Button>
      <Button
        size="xs"
        color="red"
        variant="light"
        onClick={() =>
          ask({
            title: t.links.archiveTitle(url),
            hint: t.webhooks.archiveHint,
            confirm: t.links.archive,
            onConfirm: () =>
              archive.mutate(
                { id },
                { onSuccess: () => void navigate({ to: '/webhooks' }), onError: notifyFault },
              ),
          })
        }
      >
        {t.links.archive}
      </Button>
      <WebhookForm
        key={webhook.updated_at}
        isOpen={isEditing}
        onClose={editing.close}
        webhook={webhook}
      />
      <SecretDialog
        title={t.webhooks.secretTitle}
        secret={secret}
        onClose={() => setSecret(undefined)}
      />
    </>
  );
}
