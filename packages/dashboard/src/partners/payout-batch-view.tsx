import { useState } from 'react';

import type { PayoutBatch } from '@headwater/client/api';
import { Button, SimpleGrid } from '@mantine/core';
import { IconCash } from '@tabler/icons-react';
import { useParams, useSearch } from '@tanstack/react-router';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatAmount, formatNumber } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { useMay } from '../session/use-may.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { ExportButton } from '../ui/export-button.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, pageSize } from '../ui/pager.tsx';
import { Panel } from '../ui/panel.tsx';
import { totalsOf } from './due-payouts.tsx';
import { MarkPayout } from './mark-payout.tsx';
import type { Marking } from './mark-payout.tsx';
import type { PayoutBatchSearch } from './partners-search.ts';
import { PayoutsTable } from './payouts-table.tsx';

/** Payouts that were made together: a file for whoever moves the money, and what became of each. */
export function PayoutBatchView() {
  const { id = '' } = useParams({ strict: false });
  const batch = useRead('getPayoutBatch', { id }, { keepsPrevious: false });
  return (
    <Loaded query={batch} height={500}>
      {(data) => <Batch batch={data} />}
    </Loaded>
  );
}

function Batch({ batch }: { readonly batch: PayoutBatch }) {
  const search: PayoutBatchSearch = useSearch({ strict: false });
  const change = useSearchChange<PayoutBatchSearch>();
  const { timezone } = useWorkspace();
  const api = useApi();
  const may = useMay();
  const [marking, setMarking] = useState<Marking>();
  const { id, payouts, note, inserted_at } = batch;
  const pending = payouts.filter(({ status }) => status === 'pending');
  const page = search.page ?? 1;
  return (
    <Page
      title={t.payouts.batchOf(formatInstant(inserted_at, timezone))}
      description={note ?? t.payouts.batchIntro}
      actions={
        <>
          <ExportButton
            fileName={`payouts-${inserted_at.slice(0, 10)}.csv`}
            read={() => api.exportPayoutBatch({ id, format: 'csv' })}
          />
          <LinkButton
            to="/payouts"
            search={{ tab: 'history' } as never}
            size="xs"
            variant="default"
          >
            {t.payouts.history}
          </LinkButton>
          {may.write && pending.length > 0 && (
            <Button size="xs" onClick={() => setMarking({ payouts: pending, status: 'paid' })}>
              {t.payouts.markAll(pending.length)}
            </Button>
          )}
        </>
      }
    >
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        {totalsOf(payouts).map((total) => (
          <StatCard
            key={total.unit}
            label={total.unit}
            value={formatAmount(total.amount, total.unit)}
            details={t.payouts.toPartners(formatNumber(total.partners))}
          />
        ))}
      </SimpleGrid>
      <Panel flush>
        {payouts.length === 0 ? (
          <EmptyState icon={IconCash} title={t.payouts.nothingDue}>
            {t.payouts.nothingDueHint}
          </EmptyState>
        ) : (
          <>
            <PayoutsTable
              payouts={payouts.slice((page - 1) * pageSize, page * pageSize)}
              hasBatch={false}
            />
            <Pager
              page={page}
              hasNext={payouts.length > page * pageSize}
              onChange={(next) => change({ page: next === 1 ? undefined : next })}
            />
          </>
        )}
      </Panel>
      {marking !== undefined && (
        <MarkPayout marking={marking} onClose={() => setMarking(undefined)} />
      )}
    </Page>
  );
}
