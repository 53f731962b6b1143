import type { ApiKeyResponse } from '@headwater/client/api';
import { Badge, Button, Group, Menu, ActionIcon, Stack, Text, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { IconDots, IconKey } from '@tabler/icons-react';
import type { ColumnDef } from '@tanstack/react-table';
import { useState } from 'react';

import { useRead, useWrite } from '../api/use-api.ts';
import { useNow } from '../app/use-now.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatAgo, formatDay } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import { NewApiKey } from './new-api-key.tsx';

/** The keys of this workspace. A key is shown once, when it is made. */
export function ApiKeys() {
  const keys = useRead('listApiKeys', { limit: 200 });
  const [isCreating, creating] = useDisclosure();
  const [secret, setSecret] = useState<string>();
  return (
    <Stack>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {t.keys.intro}
        </Text>
        <Button size="xs" onClick={creating.open}>
          {t.keys.create}
        </Button>
      </Group>
      <Loaded
        query={keys}
        empty={
          <EmptyState icon={IconKey} title={t.keys.emptyTitle}>
            {t.keys.intro}
          </EmptyState>
        }
      >
        {(rows) => <KeysTable keys={rows} onSecret={setSecret} />}
      </Loaded>
      <NewApiKey
        isOpen={isCreating}
        onClose={creating.close}
        onCreated={(key) => {
          creating.close();
          setSecret(key);
        }}
      />
      <SecretDialog
        title={t.keys.createdTitle}
        secret={secret}
        onClose={() => setSecret(undefined)}
      />
    </Stack>
  );
}

function KeysTable(props: {
  readonly keys: readonly ApiKeyResponse[];
  readonly onSecret: (key: string) => void;
}) {
  const { timezone } = useWorkspace();
  const now = useNow(60_000);
  const columns: ColumnDef<ApiKeyResponse>[] = [
    {
      id: 'name',
      header: t.settings.name,
      cell: ({ row: { original: key } }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600}>
            {key.name}
          </Text>
          <Text size="xs" c="dimmed" ff="monospace">
            {key.display_prefix}…
          </Text>
        </Stack>
      ),
    },
    {
      id: 'kind',
      header: t.keys.kind,
      cell: ({ row }) => t.keys.kinds[row.original.kind],
    },
    {
      id: 'scopes',
      header: t.keys.scopes,
      cell: ({ row: { original: key } }) => (
        <Group gap={4}>
          {[...key.scopes, ...key.allowed_hosts].map((scope) => (
            <Badge key={scope} size="xs" variant="light" tt="none">
              {scope}
            </Badge>
          ))}
        </Group>
      ),
    },
    {
      id: 'used',
      header: t.keys.lastUsed,
      cell: ({ row }) => formatAgo(row.original.last_used_at, now),
    },
    {
      id: 'state',
      header: t.keys.state,
      cell: ({ row: { original: key } }) =>
        key.revoked_at !== null ? (
          <Badge color="gray" variant="light" tt="none">
            {t.keys.revoked}
          </Badge>
        ) : key.expires_at !== null ? (
          t.keys.expires(formatDay(key.expires_at, timezone))
        ) : (
          <Badge color="teal" variant="light" tt="none">
            {t.keys.active}
          </Badge>
        ),
    },
    {
      id: 'menu',
      header: () => <VisuallyHidden>{t.actions.more}</VisuallyHidden>,
      meta: { align: 'right', width: 56 },
      cell: ({ row }) =>
        row.original.revoked_at === null && (
          <KeyMenu apiKey={row.original} onSecret={props.onSecret} />
        ),
    },
  ];
  return (
    <DataTable
      label={t.settings.tabs.keys}
      columns={columns}
      rows={props.keys}
      rowKey={(key) => key.id}
      minWidth={760}
    />
  );
}

function KeyMenu(props: {
  readonly apiKey: ApiKeyResponse;
  readonly onSecret: (key: string) => void;
}) {
  const { apiKey, onSecret } = props;
  const rotate = useWrite('rotateApiKey', ['listApiKeys']);
  const revoke = useWrite('revokeApiKey', ['listApiKeys']);
  const askToRevoke = () =>
    modals.openConfirmModal({
      title: t.keys.revokeTitle(apiKey.name),
      children: <Text size="sm">{t.keys.revokeHint}</Text>,
      labels: { confirm: t.keys.revoke, cancel: t.actions.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        revoke.mutate(
          { id: apiKey.id },
          { onSuccess: () => notifyDone(t.keys.revoked), onError: notifyFault },
        ),
    });
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t.links.actionsOf(apiKey.name)}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          onClick={() =>
            rotate.mutate(
              { id: apiKey.id, body: {} },
              { onSuccess: ({ key }) => key !== undefined && onSecret(key), onError: notifyFault },
            )
          }
        >
          {t.keys.rotate}
        </Menu.Item>
        <Menu.Item color="red" onClick={askToRevoke}>
          {t.keys.revoke}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
