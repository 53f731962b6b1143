import type { ReferralResponse } from '@headwater/client/api';
import { Button, Group } from '@mantine/core';
import { IconUsersGroup } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useApi, useRead, useWrite } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { said } from '../report/said.ts';
import { AccountLink } from '../rewards/account-link.tsx';
import { ask } from '../ui/ask.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import type { ReferralsSearch } from './referrals-search.ts';

/** Who referred whom. */
export function ReferralsView() {
  const search: ReferralsSearch = useSearch({ strict: false });
  const change = useSearchChange<ReferralsSearch>();
  const api = useApi();
  const question = said({ referrer_id: search.referrer, referee_id: search.referee });
  const referrals = useRead('listReferrals', { ...question, ...pageWindow(search.page) });
  return (
    <Page
      title={t.nav.referrals}
      description={t.referrals.intro}
      actions={
        <RowsExport
          fileName="referrals.csv"
          columns={exported}
          read={() => api.items('listReferrals', { ...question, limit: 200 })}
        />
      }
    >
      <Group gap="sm">
        <SearchField
          label={t.referrals.referrer}
          value={search.referrer}
          onChange={(referrer) => change({ referrer, page: undefined }, { replace: true })}
        />
        <SearchField
          label={t.referrals.referee}
          value={search.referee}
          onChange={(referee) => change({ referee, page: undefined }, { replace: true })}
        />
      </Group>
      <PagedPanel
        query={referrals}
        page={search.page}
        onPage={(page) => change({ page })}
        isNarrowed={Object.keys(question).length > 0}
        empty={{
          icon: IconUsersGroup,
          title: t.referrals.emptyTitle,
          children: t.referrals.emptyHint,
          action: <LinkButton to="/codes">{t.nav.codes}</LinkButton>,
        }}
      >
        {(rows) => <ReferralsTable referrals={rows} />}
      </PagedPanel>
    </Page>
  );
}

const exported = [
  'id',
  'redemption_id',
  'referrer',
  'referee',
  'status',
  'inserted_at',
] as const satisfies readonly (keyof ReferralResponse)[];

const column = columnsOf<ReferralResponse>();

function ReferralsTable({ referrals }: { readonly referrals: readonly ReferralResponse[] }) {
  const { timezone } = useWorkspace();
  const reverse = useWrite('reverseRedemption', [
    'listReferrals',
    'listRedemptions',
    'listRewards',
    'listReferralCodes',
  ]);
  const askToReverse = ({ redemption_id }: ReferralResponse) =>
    ask({
      title: t.referrals.reverseTitle,
      hint: t.referrals.reverseHint,
      confirm: t.referrals.reverse,
      onConfirm: () =>
        reverse.mutate(
          { id: redemption_id },
          { onSuccess: () => notifyDone(t.referrals.reversed), onError: notifyFault },
        ),
    });
  return (
    <DataTable
      label={t.nav.referrals}
      rows={referrals}
      rowKey={({ id }) => id}
      minWidth={720}
      columns={[
        column(t.events.when, ({ inserted_at }) => formatInstant(inserted_at, timezone)),
        column(t.referrals.referrer, ({ referrer }) => <AccountLink account={referrer} />),
        column(t.referrals.referee, ({ referee }) => <AccountLink account={referee} />),
        column(t.keys.state, ({ status }) => (
          <StateBadge color={status === 'active' ? 'teal' : 'gray'}>
            {t.referrals.states[status]}
          </StateBadge>
        )),
        column(
          t.actions.more,
          (referral) =>
            referral.status === 'active' && (
              <Button
                size="compact-xs"
                variant="default"
                aria-label={t.referrals.reverseOf(referral.referee.id ?? '')}
                onClick={() => askToReverse(referral)}
              >
                {t.referrals.reverse}
              </Button>
            ),
          { align: 'right' },
        ),
      ]}
    />
  );
}
