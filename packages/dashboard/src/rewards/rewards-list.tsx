import type { Reward } from '@headwater/client/api';
import { Group, SimpleGrid } from '@mantine/core';
import { IconGift } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatAmount, formatNumber } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { said } from '../report/said.ts';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { AccountLink } from './account-link.tsx';
import { rewardSides, rewardStatuses } from './rewards-search.ts';
import type { RewardsSearch } from './rewards-search.ts';

/** What was earned, newest first, with the sums of what the filters leave. */
export function RewardsList() {
  const search: RewardsSearch = useSearch({ strict: false });
  const change = useSearchChange<RewardsSearch>();
  const api = useApi();
  const { account, side, status } = search;
  const question = said({ account_id: account, side, status });
  const rewards = useRead('listRewards', { ...question, ...pageWindow(search.page) });
  const totals = useRead('getRewardTotals', question);
  return (
    <>
      <Loaded query={totals} height={80}>
        {(rows) => (
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
            {rows.map((row) => (
              <StatCard
                key={`${row.side} ${row.unit}`}
                label={t.rewards.sides[row.side]}
                value={formatAmount(row.net, row.unit)}
                details={t.rewards.totals(
                  formatNumber(row.rewards),
                  formatAmount(row.held, row.unit),
                )}
              />
            ))}
          </SimpleGrid>
        )}
      </Loaded>
      <Group gap="sm">
        <SearchField
          label={t.rewards.searchAccount}
          value={account}
          onChange={(next) => change({ account: next, page: undefined }, { replace: true })}
        />
        <ChoiceFilter
          label={t.rewards.side}
          any={t.rewards.anySide}
          choices={rewardSides}
          names={t.rewards.sides}
          value={side}
          onChange={(next) => change({ side: next, page: undefined })}
        />
        <ChoiceFilter
          label={t.keys.state}
          any={t.dispatches.anyStatus}
          choices={rewardStatuses}
          names={t.rewards.statuses}
          value={status}
          onChange={(next) => change({ status: next, page: undefined })}
        />
        <RowsExport
          fileName="rewards.csv"
          columns={exported}
          read={() => api.items('listRewards', { ...question, limit: 200 })}
        />
      </Group>
      <PagedPanel
        query={rewards}
        page={search.page}
        onPage={(page) => change({ page })}
        isNarrowed={Object.keys(question).length > 0}
        empty={{
          icon: IconGift,
          title: t.rewards.emptyTitle,
          children: t.rewards.emptyHint,
          action: (
            <LinkButton to="/rewards" search={{ tab: 'rules' } as never}>
              {t.rewards.rules}
            </LinkButton>
          ),
        }}
      >
        {(rows) => <RewardsTable rewards={rows} />}
      </PagedPanel>
    </>
  );
}

const exported = [
  'id',
  'rule_id',
  'rule_version',
  'side',
  'status',
  'account',
  'unit',
  'granted',
  'capped',
  'net',
  'held_until',
  'referral_id',
  'source_id',
  'trigger_at',
] as const satisfies readonly (keyof Reward)[];

const colors = { held: 'yellow', available: 'teal', reversed: 'red', capped: 'gray' } as const;

const column = columnsOf<Reward>();

function RewardsTable({ rewards }: { readonly rewards: readonly Reward[] }) {
  const { timezone } = useWorkspace();
  const rules = useRead('listRewardRules', { archived: true });
  const names = new Map(rules.data?.map(({ id, name }) => [id, name]));
  return (
    <DataTable
      label={t.nav.rewards}
      rows={rewards}
      rowKey={({ id }) => id}
      minWidth={820}
      columns={[
        column(t.events.when, ({ trigger_at }) => formatInstant(trigger_at, timezone)),
        column(t.rewards.account, ({ account }) => <AccountLink account={account} />),
        column(t.rewards.side, ({ side }) => t.rewards.sides[side]),
        column(t.rewards.rule, ({ rule_id, rule_version }) =>
          t.rewards.ruleVersion(names.get(rule_id) ?? rule_id.slice(-6), rule_version),
        ),
        column(t.keys.state, ({ status, held_until }) => (
          <>
            <StateBadge color={colors[status]}>{t.rewards.statuses[status]}</StateBadge>{' '}
            {status === 'held' && held_until !== null && (
              <small>{t.keys.expires(formatInstant(held_until, timezone))}</small>
            )}
          </>
        )),
        column(t.rewards.amount, ({ net, granted, unit }) => formatAmount(net || granted, unit), {
          align: 'right',
        }),
      ]}
    />
  );
}
