import type { WebhookDelivery, WebhookResponse } from '@headwater/client/api';
import { Button, Group, Text } from '@mantine/core';
import { IconMailForward } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useApi, useRead, useWrite } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { ask } from '../ui/ask.tsx';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { deliveryStatuses } from './webhook-search.ts';
import type { WebhookSearch } from './webhook-search.ts';

const threeDays = 3 * 86_400_000;

/** What a receiver was sent, and what it has answered. */
export function Deliveries({ webhook: { id, status } }: { readonly webhook: WebhookResponse }) {
  const search: WebhookSearch = useSearch({ strict: false });
  const change = useSearchChange<WebhookSearch>();
  const api = useApi();
  const question = { id, ...(search.status !== undefined && { status: search.status }) };
  const deliveries = useRead(
    'listWebhookDeliveries',
    { ...question, ...pageWindow(search.page) },
    // What waits goes out by itself.
    { refetchInterval: (rows) => (rows.some((row) => row.status === 'waiting') ? 5000 : false) },
  );
  const recover = useWrite('recoverWebhook', ['listWebhookDeliveries']);
  const askToRecover = () =>
    ask({
      title: t.webhooks.recoverTitle,
      hint: t.webhooks.recoverHint,
      confirm: t.webhooks.recover,
      isHarmless: true,
      onConfirm: () =>
        recover.mutate(
          { id, body: { since: new Date(Date.now() - threeDays).toISOString() } },
          {
            onSuccess: (answer) => notifyDone(t.webhooks.recovered(answer.deliveries)),
            onError: notifyFault,
          },
        ),
    });
  return (
    <>
      <Group gap="sm">
        <ChoiceFilter
          label={t.keys.state}
          any={t.dispatches.anyStatus}
          choices={deliveryStatuses}
          names={t.webhooks.deliveryStates}
          value={search.status}
          onChange={(next) => change({ status: next, page: undefined })}
        />
        <RowsExport
          fileName="webhook-deliveries.csv"
          columns={exported}
          read={() => api.items('listWebhookDeliveries', { ...question, limit: 200 })}
        />
        <Button
          size="xs"
          variant="default"
          loading={recover.isPending}
          disabled={status === 'disabled'}
          onClick={askToRecover}
        >
          {t.webhooks.recover}
        </Button>
      </Group>
      <PagedPanel
        title={t.webhooks.deliveries}
        query={deliveries}
        page={search.page}
        onPage={(page) => change({ page })}
        isNarrowed={search.status !== undefined}
        empty={{
          icon: IconMailForward,
          title: t.webhooks.noDeliveries,
          children: t.webhooks.noDeliveriesHint,
        }}
      >
        {(rows) => <DeliveriesTable deliveries={rows} />}
      </PagedPanel>
    </>
  );
}

const exported = [
  'id',
  'type',
  'event_id',
  'status',
  'reason',
  'attempts',
  'due_at',
  'inserted_at',
  'settled_at',
] as const satisfies readonly (keyof WebhookDelivery)[];

const colors = { waiting: 'yellow', delivered: 'teal', failed: 'red' } as const;

const column = columnsOf<WebhookDelivery>();

function DeliveriesTable({ deliveries }: { readonly deliveries: readonly WebhookDelivery[] }) {
  const { timezone } = useWorkspace();
  const redeliver = useWrite('redeliverWebhook', ['listWebhookDeliveries']);
  return (
    <DataTable
      label={t.webhooks.deliveries}
      rows={deliveries}
      rowKey={({ id }) => id}
      minWidth={760}
      columns={[
        column(t.events.when, ({ inserted_at }) => formatInstant(inserted_at, timezone)),
        column(t.events.type, ({ type }) => <code>{type}</code>),
        column(t.keys.state, ({ status }) => (
          <StateBadge color={colors[status]}>{t.webhooks.deliveryStates[status]}</StateBadge>
        )),
        column(t.webhooks.answer, (delivery) => <LastAnswer delivery={delivery} />),
        column(t.dispatches.attempts, ({ attempts }) => attempts, { align: 'right' }),
        column(
          t.webhooks.again,
          ({ id, type }) => (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={t.webhooks.redeliverOf(type)}
              onClick={() =>
                redeliver.mutate(
                  { id },
                  {
                    onSuccess: ({ status }) => notifyDone(t.webhooks.redelivered(status)),
                    onError: notifyFault,
                  },
                )
              }
            >
              {t.webhooks.redeliver}
            </Button>
          ),
          { align: 'right' },
        ),
      ]}
    />
  );
}

function LastAnswer({ delivery: { log, reason, due_at } }: { readonly delivery: WebhookDelivery }) {
  const { timezone } = useWorkspace();
  const last = log.at(-1);
  return (
    <>
      <Text size="sm">
        {last === undefined
          ? nothing
          : t.webhooks.attempt(`${last.status ?? last.failure ?? nothing}`, last.milliseconds)}
      </Text>
      <Text size="xs" c="dimmed">
        {reason}
        {due_at !== null && ` ${t.dispatches.next(formatInstant(due_at, timezone))}`}
      </Text>
    </>
  );
}
