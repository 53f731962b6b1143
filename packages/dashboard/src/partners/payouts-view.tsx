import type { Payout } from '@headwater/client/api';
import { Group, SegmentedControl } from '@mantine/core';
import { IconCash } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { t } from '../messages/messages.ts';
import { said } from '../report/said.ts';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { DuePayouts } from './due-payouts.tsx';
import { PartnerFilter } from './partner-filter.tsx';
import { payoutStatuses } from './partners-search.ts';
import type { PayoutsSearch } from './partners-search.ts';
import { PayoutsTable } from './payouts-table.tsx';

/** What is due to partners, and what was paid. */
export function PayoutsView() {
  const search: PayoutsSearch = useSearch({ strict: false });
  const change = useSearchChange<PayoutsSearch>();
  return (
    <Page title={t.nav.payouts} description={t.payouts.intro}>
      <SegmentedControl
        aria-label={t.attribution.show}
        style={{ alignSelf: 'flex-start' }}
        data={[
          { value: 'due', label: t.payouts.due },
          { value: 'history', label: t.payouts.history },
        ]}
        value={search.tab ?? 'due'}
        onChange={(tab) =>
          change({ tab: tab === 'history' ? 'history' : undefined, page: undefined })
        }
      />
      {search.tab === 'history' ? <History /> : <DuePayouts />}
    </Page>
  );
}

function History() {
  const search: PayoutsSearch = useSearch({ strict: false });
  const change = useSearchChange<PayoutsSearch>();
  const api = useApi();
  const { status, partner } = search;
  const question = said({ status, partner_id: partner });
  const payouts = useRead('listPayouts', { ...question, ...pageWindow(search.page) });
  return (
    <>
      <Group gap="sm">
        <ChoiceFilter
          label={t.keys.state}
          any={t.dispatches.anyStatus}
          choices={payoutStatuses}
          names={t.payouts.statuses}
          value={status}
          onChange={(next) => change({ status: next, page: undefined })}
        />
        <PartnerFilter
          value={partner}
          onChange={(next) => change({ partner: next, page: undefined })}
        />
        <RowsExport
          fileName="payouts.csv"
          columns={exported}
          read={() => api.items('listPayouts', { ...question, limit: 200 })}
        />
      </Group>
      <PagedPanel
        query={payouts}
        page={search.page}
        onPage={(page) => change({ page })}
        isNarrowed={Object.keys(question).length > 0}
        empty={{
          icon: IconCash,
          title: t.payouts.emptyTitle,
          children: t.payouts.emptyHint,
          action: <LinkButton to="/payouts">{t.payouts.due}</LinkButton>,
        }}
      >
        {(rows) => <PayoutsTable payouts={rows} />}
      </PagedPanel>
    </>
  );
}

const exported = [
  'id',
  'batch_id',
  'partner_id',
  'unit',
  'amount',
  'status',
  'reference',
  'inserted_at',
  'settled_at',
] as const satisfies readonly (keyof Payout)[];
