import type { Answer, ConnectorResponse } from '@headwater/client/api';
import { Text } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';

import { useRead } from '../api/use-api.ts';
import { formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { useReport } from '../report/use-report.ts';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { toldTypes } from './told-types.ts';
import { ConnectorBadge } from './connector-badge.tsx';

/** The ad platforms that conversions can be brought to, and how that goes. */
export function ConnectorsView() {
  const { window } = useReport();
  const connectors = useRead('listConnectors', undefined);
  const counts = useRead('summariseDispatches', { from: window.from, to: window.to });
  return (
    <Page
      title={t.nav.connectors}
      description={t.connectors.intro}
      actions={
        <>
          <RowsExport
            fileName="connectors.csv"
            columns={exported}
            read={() => connectors.data ?? []}
          />
          <LinkButton to="/claims" size="xs" variant="default">
            {t.claims.title}
          </LinkButton>
          <LinkButton to="/dispatches" size="xs" variant="default">
            {t.dispatches.title}
          </LinkButton>
        </>
      }
    >
      <Panel flush>
        <Loaded
          query={connectors}
          height={520}
          empty={
            <EmptyState icon={IconPlugConnected} title={t.connectors.emptyTitle}>
              {t.connectors.emptyHint}
            </EmptyState>
          }
        >
          {(rows) => <ConnectorsTable connectors={rows} counts={counts.data ?? []} />}
        </Loaded>
      </Panel>
    </Page>
  );
}

const exported = [
  'type',
  'label',
  'enabled',
  'enabled_at',
  'event_types',
  'test',
] as const satisfies readonly (keyof ConnectorResponse)[];

const column = columnsOf<ConnectorResponse>();

function ConnectorsTable(props: {
  readonly connectors: readonly ConnectorResponse[];
  readonly counts: Answer<'summariseDispatches'>;
}) {
  const countOf = (type: string, ...statuses: string[]): string =>
    formatNumber(
      props.counts
        .filter(({ connector, status }) => connector === type && statuses.includes(status))
        .reduce((sum, { count }) => sum + count, 0),
    );
  // Those in use stand first.
  const rows = [...props.connectors].sort(
    (one, other) => Number(other.enabled) - Number(one.enabled),
  );
  return (
    <DataTable
      label={t.nav.connectors}
      rows={rows}
      rowKey={({ type }) => type}
      minWidth={760}
      columns={[
        column(t.connectors.platform, (connector) => (
          <TextLink to="/connectors/$type" params={{ type: connector.type }} fw={600} size="sm">
            {connector.label}
          </TextLink>
        )),
        column(t.keys.state, (connector) => <ConnectorBadge connector={connector} />),
        column(t.connectors.told, (connector) => (
          <Text size="sm" {...(!connector.enabled && { c: 'dimmed' })}>
            {toldTypes(connector)
              .map((type) => t.eventTypes[type as 'sale'])
              .join(', ')}
          </Text>
        )),
        column(t.dispatches.statuses.delivered, ({ type }) => countOf(type, 'delivered'), {
          align: 'right',
        }),
        column(t.dispatches.statuses.pending, ({ type }) => countOf(type, 'pending', 'sending'), {
          align: 'right',
        }),
        column(t.dispatches.statuses.skipped, ({ type }) => countOf(type, 'skipped'), {
          align: 'right',
        }),
        column(t.dispatches.statuses.failed, ({ type }) => countOf(type, 'failed'), {
          align: 'right',
        }),
      ]}
    />
  );
}
