import type { PaymentSourceResponse } from '@headwater/client/api';
import { Button, Code, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCreditCard } from '@tabler/icons-react';

import { useRead } from '../api/use-api.ts';
import { apiBaseUrl, readBasePath } from '../app/base-path.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { columnsOf } from '../ui/column.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { PaymentSourceForm } from './payment-source-form.tsx';

/** Where messages of payment providers arrive, which become sales and refunds. */
export function PaymentsView() {
  const [isCreating, creating] = useDisclosure();
  const sources = useRead('listPaymentSources', undefined);
  return (
    <Page
      title={t.nav.payments}
      description={t.payments.intro}
      actions={
        <>
          <RowsExport
            fileName="payment-sources.csv"
            columns={exported}
            read={() => sources.data ?? []}
          />
          <Button size="xs" onClick={creating.open}>
            {t.payments.create}
          </Button>
        </>
      }
    >
      <Panel flush>
        <Loaded
          query={sources}
          height={300}
          empty={
            <EmptyState
              icon={IconCreditCard}
              title={t.payments.emptyTitle}
              action={<Button onClick={creating.open}>{t.payments.create}</Button>}
            >
              {t.payments.emptyHint}
            </EmptyState>
          }
        >
          {(rows) => <SourcesTable sources={rows} />}
        </Loaded>
      </Panel>
      <PaymentSourceForm isOpen={isCreating} onClose={creating.close} />
    </Page>
  );
}

const exported = [
  'id',
  'provider',
  'name',
  'mode',
  'payer_reference',
  'path',
  'inserted_at',
  'archived_at',
] as const satisfies readonly (keyof PaymentSourceResponse)[];

/** What the provider is told. */
export function sourceAddress({ path }: PaymentSourceResponse): string {
  return apiBaseUrl(readBasePath()) + path;
}

const column = columnsOf<PaymentSourceResponse>();

function SourcesTable({ sources }: { readonly sources: readonly PaymentSourceResponse[] }) {
  const { timezone } = useWorkspace();
  return (
    <DataTable
      label={t.nav.payments}
      rows={sources}
      rowKey={({ id }) => id}
      minWidth={760}
      columns={[
        column(t.settings.name, ({ id, name }) => (
          <TextLink to="/payments/$id" params={{ id }} fw={600} size="sm">
            {name}
          </TextLink>
        )),
        column(t.payments.provider, ({ provider }) => provider),
        column(t.payments.mode, ({ mode, archived_at }) => (
          <StateBadge color={archived_at !== null ? 'gray' : mode === 'live' ? 'teal' : 'blue'}>
            {archived_at === null ? t.payments.modes[mode] : t.links.archived}
          </StateBadge>
        )),
        column(t.payments.address, (source) => (
          <Group gap={4} wrap="nowrap">
            <Code>{source.path}</Code>
            <CopyButton value={sourceAddress(source)} label={t.payments.copyAddress(source.name)} />
          </Group>
        )),
        column(t.links.created, ({ inserted_at }) => formatInstant(inserted_at, timezone)),
      ]}
    />
  );
}
