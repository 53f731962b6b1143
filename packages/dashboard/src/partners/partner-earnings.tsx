import type { Partner } from '@headwater/client/api';
import { IconCash, IconReceipt2 } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { t } from '../messages/messages.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Pager, pageSize, pageWindow } from '../ui/pager.tsx';
import { CommissionsTable } from './commissions-table.tsx';
import type { PartnerSearch } from './partners-search.ts';
import { PayoutsTable } from './payouts-table.tsx';

export function PartnerCommissions({ partner }: { readonly partner: Partner }) {
  const { page, setPage, window } = usePage();
  const commissions = useRead('listCommissions', { partner_id: partner.id, ...window });
  return (
    <Loaded
      query={commissions}
      height={300}
      empty={
        <EmptyState icon={IconReceipt2} title={t.commissions.emptyTitle}>
          {t.commissions.emptyHint}
        </EmptyState>
      }
    >
      {(rows) => (
        <>
          <CommissionsTable commissions={rows.slice(0, pageSize)} hasPartner={false} />
          <Pager page={page} hasNext={rows.length > pageSize} onChange={setPage} />
        </>
      )}
    </Loaded>
  );
}

export function PartnerPayouts({ partner }: { readonly partner: Partner }) {
  const { page, setPage, window } = usePage();
  const payouts = useRead('listPayouts', { partner_id: partner.id, ...window });
  return (
    <Loaded
      query={payouts}
      height={300}
      empty={
        <EmptyState icon={IconCash} title={t.payouts.emptyTitle}>
          {t.payouts.emptyHint}
        </EmptyState>
      }
    >
      {(rows) => (
        <>
          <PayoutsTable payouts={rows.slice(0, pageSize)} hasPartner={false} />
          <Pager page={page} hasNext={rows.length > pageSize} onChange={setPage} />
        </>
      )}
    </Loaded>
  );
}

function usePage() {
  const { page = 1 }: PartnerSearch = useSearch({ strict: false });
  const change = useSearchChange<PartnerSearch>();
  return {
    page,
    window: pageWindow(page),
    setPage: (next: number) => change({ page: next === 1 ? undefined : next }),
  };
}
