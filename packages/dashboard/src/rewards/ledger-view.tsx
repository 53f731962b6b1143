import type { LedgerEntry } from '@headwater/client/api';
import { Button, Group, Text } from '@mantine/core';
import { IconReceipt } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useApi, useRead, useWrite } from '../api/use-api.ts';
import { useNow } from '../app/use-now.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatAmount } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { said } from '../report/said.ts';
import { ask } from '../ui/ask.tsx';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { ExportButton } from '../ui/export-button.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { AccountLink } from './account-link.tsx';
import { AccountBalances } from './account-balances.tsx';
import { entryKinds } from './rewards-search.ts';
import type { LedgerSearch } from './rewards-search.ts';

/** Every line of every account; of one account also what it has, and a way to note that it was paid. */
export function LedgerView() {
  const search: LedgerSearch = useSearch({ strict: false });
  const change = useSearchChange<LedgerSearch>();
  const api = useApi();
  const { account, kind, unit } = search;
  const question = said({ account_id: account, kind, unit });
  const entries = useRead('listLedgerEntries', { ...question, ...pageWindow(search.page) });
  return (
    <Page
      title={t.ledger.title}
      description={t.ledger.intro}
      actions={
        <>
          <ExportButton
            fileName="ledger.csv"
            read={() => api.exportLedgerEntries({ ...question, format: 'csv' })}
          />
          <LinkButton to="/rewards" size="xs" variant="default">
            {t.nav.rewards}
          </LinkButton>
        </>
      }
    >
      <Group gap="sm">
        <SearchField
          label={t.rewards.searchAccount}
          value={account}
          onChange={(next) => change({ account: next, page: undefined }, { replace: true })}
        />
        <ChoiceFilter
          label={t.ledger.kind}
          any={t.ledger.anyKind}
          choices={entryKinds}
          names={t.ledger.kinds}
          value={kind}
          onChange={(next) => change({ kind: next, page: undefined })}
        />
        <SearchField
          label={t.rewards.unit}
          value={unit}
          onChange={(next) => change({ unit: next, page: undefined }, { replace: true })}
        />
      </Group>
      {account !== undefined && <AccountBalances accountId={account} />}
      <PagedPanel
        query={entries}
        page={search.page}
        onPage={(page) => change({ page })}
        isNarrowed={Object.keys(question).length > 0}
        empty={{
          icon: IconReceipt,
          title: t.ledger.emptyTitle,
          children: t.ledger.emptyHint,
          action: (
            <LinkButton to="/rewards" search={{ tab: 'rules' } as never}>
              {t.rewards.rules}
            </LinkButton>
          ),
        }}
      >
        {(rows) => <EntriesTable entries={rows} />}
      </PagedPanel>
    </Page>
  );
}

const column = columnsOf<LedgerEntry>();

function EntriesTable({ entries }: { readonly entries: readonly LedgerEntry[] }) {
  const { timezone } = useWorkspace();
  const now = useNow(60_000);
  const reverse = useWrite('reverseLedgerEntry', ['listLedgerEntries', 'getLedgerBalances']);
  const askToReverse = (entry: LedgerEntry) =>
    ask({
      title: t.ledger.reverseTitle(formatAmount(entry.amount, entry.unit)),
      hint: t.ledger.reverseHint,
      confirm: t.ledger.reverse,
      onConfirm: () =>
        reverse.mutate(
          { id: entry.id, body: {} },
          { onSuccess: () => notifyDone(t.ledger.reversed), onError: notifyFault },
        ),
    });
  return (
    <DataTable
      label={t.ledger.title}
      rows={entries}
      rowKey={({ id }) => id}
      minWidth={820}
      columns={[
        column(t.events.when, ({ occurred_at }) => formatInstant(occurred_at, timezone)),
        column(t.rewards.account, ({ account }) => <AccountLink account={account} />),
        column(t.ledger.kind, ({ kind, description }) => (
          <>
            <Text size="sm">{t.ledger.kinds[kind]}</Text>
            <Text size="xs" c="dimmed">
              {description}
            </Text>
          </>
        )),
        column(
          t.rewards.statuses.held,
          ({ held_until }) =>
            held_until !== null &&
            new Date(held_until).getTime() > now &&
            t.keys.expires(formatInstant(held_until, timezone)),
        ),
        column(t.rewards.amount, ({ amount, unit }) => formatAmount(amount, unit), {
          align: 'right',
        }),
        column(
          t.actions.more,
          (entry) =>
            entry.reverses_id === null && (
              <Button
                size="compact-xs"
                variant="default"
                aria-label={t.ledger.reverseTitle(formatAmount(entry.amount, entry.unit))}
                onClick={() => askToReverse(entry)}
              >
                {t.ledger.reverse}
              </Button>
            ),
          { align: 'right' },
        ),
      ]}
    />
  );
}
