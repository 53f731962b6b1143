import type { VisitorResponse } from '@headwater/client/api';
import { Button, Group, List, Stack, Text, Title } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useNavigate } from '@tanstack/react-router';

import { useApi, useRead, useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { ExportButton } from '../ui/export-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { visitorName } from './visitor-name.ts';

/** What is kept of a person, a copy of it, and its end. */
export function VisitorPrivacy({ visitor }: { readonly visitor: VisitorResponse }) {
  const api = useApi();
  const navigate = useNavigate();
  const statement = useRead('getPrivacyStatement', undefined);
  const forget = useWrite('forgetPerson', ['listVisitors', 'getVisitor']);
  const reference = { visitor_id: visitor.id };
  const ask = () =>
    modals.openConfirmModal({
      title: t.privacy.forgetTitle(visitorName(visitor)),
      children: <Text size="sm">{t.privacy.forgetHint}</Text>,
      labels: { confirm: t.privacy.forget, cancel: t.actions.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        forget.mutate(
          { body: reference },
          {
            onSuccess: (receipt) => {
              notifyDone(t.privacy.forgotten(receipt.id));
              void navigate({ to: '/visitors' });
            },
            onError: notifyFault,
          },
        ),
    });
  return (
    <Stack p="md" gap="lg">
      <Stack gap="xs">
        <Title order={3} size="h5">
          {t.privacy.exportTitle}
        </Title>
        <Text size="sm">{t.privacy.exportHint}</Text>
        <Group>
          <ExportButton
            label={t.privacy.export}
            fileName={`person-${visitor.id}.ndjson`}
            read={() => api.exportPerson({ body: reference })}
          />
        </Group>
      </Stack>
      <Stack gap="xs">
        <Title order={3} size="h5">
          {t.privacy.forget}
        </Title>
        <Text size="sm">{t.privacy.forgetHint}</Text>
        <Group>
          <Button size="xs" color="red" variant="light" onClick={ask} loading={forget.isPending}>
            {t.privacy.forget}
          </Button>
        </Group>
      </Stack>
      <Stack gap="xs">
        <Title order={3} size="h5">
          {t.privacy.stored}
        </Title>
        <Loaded query={statement}>
          {({ sentences }) => (
            <List size="sm" spacing={4}>
              {sentences.map((sentence) => (
                <List.Item key={sentence}>{sentence}</List.Item>
              ))}
            </List>
          )}
        </Loaded>
      </Stack>
    </Stack>
  );
}
