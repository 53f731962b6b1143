import type { Commission } from '@headwater/client/api';
import { Group, SimpleGrid } from '@mantine/core';
import { IconReceipt2 } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { formatAmount, formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { said } from '../report/said.ts';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { CommissionsTable } from './commissions-table.tsx';
import { PartnerFilter } from './partner-filter.tsx';
import { commissionStatuses } from './partners-search.ts';
import type { CommissionsSearch } from './partners-search.ts';
import { ProgramFilter } from './program-filter.tsx';

/** What partners have earned, newest first, with the sums of what the filters leave. */
export function CommissionsView() {
  const search: CommissionsSearch = useSearch({ strict: false });
  const change = useSearchChange<CommissionsSearch>();
  const api = useApi();
  const { status, program, partner } = search;
  const question = said({ status, program_id: program, partner_id: partner });
  const commissions = useRead('listCommissions', { ...question, ...pageWindow(search.page) });
  const totals = useRead('getCommissionTotals', question);
  return (
    <Page
      title={t.nav.commissions}
      description={t.commissions.intro}
      actions={
        <>
          <RowsExport
            fileName="commissions.csv"
            columns={exported}
            read={() => api.items('listCommissions', { ...question, limit: 200 })}
          />
          <LinkButton to="/review" size="xs" variant="default">
            {t.nav.review}
          </LinkButton>
        </>
      }
    >
      <Loaded query={totals} height={80} empty={null}>
        {(rows) => (
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
            {rows.map((row) => (
              <StatCard
                key={row.unit}
                label={t.commissions.left(row.unit)}
                value={formatAmount(row.net, row.unit)}
                details={t.commissions.totals(
                  row.commissions,
                  formatNumber(row.commissions),
                  formatAmount(row.granted, row.unit),
                )}
              />
            ))}
          </SimpleGrid>
        )}
      </Loaded>
      <Group gap="sm">
        <ChoiceFilter
          label={t.keys.state}
          any={t.dispatches.anyStatus}
          choices={commissionStatuses}
          names={t.commissions.statuses}
          value={status}
          onChange={(next) => change({ status: next, page: undefined })}
        />
        <ProgramFilter
          value={program}
          onChange={(next) => change({ program: next, page: undefined })}
        />
        <PartnerFilter
          value={partner}
          onChange={(next) => change({ partner: next, page: undefined })}
        />
      </Group>
      <PagedPanel
        query={commissions}
        page={search.page}
        onPage={(page) => change({ page })}
        isNarrowed={Object.keys(question).length > 0}
        empty={{
          icon: IconReceipt2,
          title: t.commissions.emptyTitle,
          children: t.commissions.emptyHint,
          action: <LinkButton to="/programs">{t.programs.title}</LinkButton>,
        }}
      >
        {(rows) => <CommissionsTable commissions={rows} />}
      </PagedPanel>
    </Page>
  );
}

const exported = [
  'id',
  'status',
  'partner_id',
  'program_id',
  'program_version',
  'rule',
  'trigger',
  'trigger_id',
  'trigger_at',
  'visitor_id',
  'unit',
  'granted',
  'capped',
  'net',
  'held_until',
  'flags',
  'decision',
  'decided_at',
  'decided_by',
  'note',
] as const satisfies readonly (keyof Commission)[];
