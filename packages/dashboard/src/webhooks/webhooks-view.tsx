import type { WebhookResponse } from '@headwater/client/api';
import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconWebhook } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { SecretDialog } from '../ui/secret-dialog.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { WebhookBadge } from './webhook-badge.tsx';
import { WebhookForm } from './webhook-form.tsx';
import type { WebhooksSearch } from './webhook-search.ts';

/** The servers that are told what happens here. */
export function WebhooksView() {
  const search: WebhooksSearch = useSearch({ strict: false });
  const change = useSearchChange<WebhooksSearch>();
  const api = useApi();
  const [isCreating, creating] = useDisclosure();
  const [secret, setSecret] = useState<string>();
  const webhooks = useRead('listWebhooks', pageWindow(search.page));
  return (
    <Page
      title={t.nav.webhooks}
      description={t.webhooks.intro}
      actions={
        <>
          <RowsExport
            fileName="webhooks.csv"
            columns={exported}
            read={() => api.items('listWebhooks', { limit: 200 })}
          />
          <Button size="xs" onClick={creating.open}>
            {t.webhooks.create}
          </Button>
        </>
      }
    >
      <PagedPanel
        query={webhooks}
        page={search.page}
        onPage={(page) => change({ page })}
        empty={{
          icon: IconWebhook,
          title: t.webhooks.emptyTitle,
          children: t.webhooks.emptyHint,
          action: <Button onClick={creating.open}>{t.webhooks.create}</Button>,
        }}
      >
        {(rows) => <WebhooksTable webhooks={rows} />}
      </PagedPanel>
      <WebhookForm isOpen={isCreating} onClose={creating.close} onSecret={setSecret} />
      <SecretDialog
        title={t.webhooks.secretTitle}
        secret={secret}
        onClose={() => setSecret(undefined)}
      />
    </Page>
  );
}

const exported = [
  'id',
  'url',
  'description',
  'event_types',
  'link_ids',
  'status',
  'disabled_reason',
  'failing_since',
  'inserted_at',
] as const satisfies readonly (keyof WebhookResponse)[];

const column = columnsOf<WebhookResponse>();

function WebhooksTable({ webhooks }: { readonly webhooks: readonly WebhookResponse[] }) {
  const { timezone } = useWorkspace();
  return (
    <DataTable
      label={t.nav.webhooks}
      rows={webhooks}
      rowKey={({ id }) => id}
      minWidth={720}
      columns={[
        column(t.webhooks.url, ({ id, url, description }) => (
          <>
            <TextLink to="/webhooks/$id" params={{ id }} fw={600} size="sm">
              {url}
            </TextLink>
            <Text size="xs" c="dimmed">
              {description}
            </Text>
          </>
        )),
        column(t.keys.state, (webhook) => <WebhookBadge webhook={webhook} />),
        column(t.webhooks.eventTypes, ({ event_types }) =>
          event_types.includes('*') ? t.webhooks.everything : event_types.join(', '),
        ),
        column(t.links.created, ({ inserted_at }) => formatInstant(inserted_at, timezone)),
      ]}
    />
  );
}
