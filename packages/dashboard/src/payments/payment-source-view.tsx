import type { PaymentMessage, PaymentSourceResponse } from '@headwater/client/api';
import { Button, Code, Group, PasswordInput, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconCreditCard } from '@tabler/icons-react';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';

import { fieldErrors } from '../api/fault-message.ts';
import { useApi, useRead, useWrite } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { ask } from '../ui/ask.tsx';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { columnsOf } from '../ui/column.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { Panel } from '../ui/panel.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { NotFound } from '../app/not-found.tsx';
import { messageStatuses } from './payments-search.ts';
import type { PaymentSourceSearch } from './payments-search.ts';
import { sourceAddress } from './payments-view.tsx';

/** One address at which a provider's messages arrive, and what became of each. */
export function PaymentSourceView() {
  const { id = '' } = useParams({ strict: false });
  const sources = useRead('listPaymentSources', undefined);
  return (
    <Loaded query={sources} height={500}>
      {(rows) => {
        const source = rows.find((row) => row.id === id);
        return source === undefined ? <NotFound /> : <Source source={source} />;
      }}
    </Loaded>
  );
}

function Source({ source }: { readonly source: PaymentSourceResponse }) {
  const address = sourceAddress(source);
  return (
    <Page
      title={source.name}
      description={`${source.provider}, ${t.payments.modes[source.mode]}`}
      actions={<SourceActions source={source} />}
    >
      <Panel title={t.payments.address}>
        <Text size="sm" pb="xs">
          {t.payments.addressHint}
        </Text>
        <Group gap={4} wrap="nowrap">
          <Code block flex={1} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
            {address}
          </Code>
          <CopyButton value={address} label={t.payments.copyAddress(source.name)} />
        </Group>
      </Panel>
      <Messages id={source.id} />
    </Page>
  );
}

function SourceActions({ source: { id, name } }: { readonly source: PaymentSourceResponse }) {
  const navigate = useNavigate();
  const [isAdding, adding] = useDisclosure();
  const add = useWrite('addPaymentSecret', ['listPaymentSources', 'listPaymentMessages']);
  const archive = useWrite('archivePaymentSource', ['listPaymentSources']);
  const form = useForm({ initialValues: { secret: '' } });
  return (
    <>
      <Button size="xs" variant="default" onClick={adding.open}>
        {t.payments.addSecret}
      </Button>
      <Button
        size="xs"
        color="red"
        variant="light"
        onClick={() =>
          ask({
            title: t.links.archiveTitle(name),
            hint: t.payments.archiveHint,
            confirm: t.links.archive,
            onConfirm: () =>
              archive.mutate(
                { id },
                { onSuccess: () => void navigate({ to: '/payments' }), onError: notifyFault },
              ),
          })
        }
      >
        {t.links.archive}
      </Button>
      <FormDialog
        title={t.payments.addSecret}
        isOpen={isAdding}
        onClose={adding.close}
        submit={t.actions.save}
        isBusy={add.isPending}
        fault={add.error}
        onSubmit={form.onSubmit((body) =>
          add.mutate(
            { id, body },
            {
              onSuccess: () => {
                form.reset();
                adding.close();
                notifyDone(t.states.saved);
              },
            },
          ),
        )}
      >
        <PasswordInput
          label={t.payments.secret}
          description={t.payments.secretHint}
          placeholder="whsec_…"
          autoComplete="off"
          required
          data-autofocus
          {...form.getInputProps('secret')}
          error={fieldErrors(add.error)['secret']}
        />
      </FormDialog>
    </>
  );
}

function Messages({ id }: { readonly id: string }) {
  const search: PaymentSourceSearch = useSearch({ strict: false });
  const change = useSearchChange<PaymentSourceSearch>();
  const api = useApi();
  const question = { id, ...(search.status !== undefined && { status: search.status }) };
  const messages = useRead('listPaymentMessages', { ...question, ...pageWindow(search.page) });
  return (
    <>
      <Group gap="sm">
        <ChoiceFilter
          label={t.keys.state}
          any={t.dispatches.anyStatus}
          choices={messageStatuses}
          names={t.payments.statuses}
          value={search.status}
          onChange={(status) => change({ status, page: undefined })}
        />
        <RowsExport
          fileName="payment-messages.csv"
          columns={exported}
          read={() => api.items('listPaymentMessages', { ...question, limit: 200 })}
        />
      </Group>
      <PagedPanel
        title={t.payments.messages}
        query={messages}
        page={search.page}
        onPage={(page) => change({ page })}
        isNarrowed={search.status !== undefined}
        empty={{
          icon: IconCreditCard,
          title: t.payments.noMessages,
          children: t.payments.noMessagesHint,
        }}
      >
        {(rows) => <MessagesTable messages={rows} />}
      </PagedPanel>
    </>
  );
}

const exported = [
  'id',
  'type',
  'status',
  'reason',
  'visitor_id',
  'attempts',
  'received_at',
] as const satisfies readonly (keyof PaymentMessage)[];

const colors = { waiting: 'yellow', applied: 'teal', ignored: 'gray', failed: 'red' } as const;

const column = columnsOf<PaymentMessage>();

function MessagesTable({ messages }: { readonly messages: readonly PaymentMessage[] }) {
  const { timezone } = useWorkspace();
  return (
    <DataTable
      label={t.payments.messages}
      rows={messages}
      rowKey={({ id }) => id}
      minWidth={760}
      columns={[
        column(t.events.when, ({ received_at }) => formatInstant(received_at, timezone)),
        column(t.events.type, ({ type }) => <code>{type}</code>),
        column(t.keys.state, ({ status }) => (
          <StateBadge color={colors[status]}>{t.payments.statuses[status]}</StateBadge>
        )),
        column(t.dispatches.reason, ({ reason }) => reason ?? nothing),
        column(t.visitors.who, ({ visitor_id }) =>
          visitor_id === null ? (
            nothing
          ) : (
            <TextLink to="/visitors/$id" params={{ id: visitor_id }} size="sm">
              {t.dispatches.visitor(visitor_id.slice(-6))}
            </TextLink>
          ),
        ),
      ]}
    />
  );
}
