import type { DispatchResponse } from '@headwater/client/api';
import { Button, Group, Select } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconSend } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { t } from '../messages/messages.ts';
import { ReportBar } from '../report/report-bar.tsx';
import { said } from '../report/said.ts';
import { useReport } from '../report/use-report.ts';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Page } from '../ui/page.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { dispatchStatuses } from './connectors-search.ts';
import type { DispatchesSearch } from './connectors-search.ts';
import { DispatchReasons } from './dispatch-reasons.tsx';
import { DispatchesTable } from './dispatches-table.tsx';
import { ReplayDialog } from './replay-dialog.tsx';

/** Every conversion with each platform that it was meant for: what became of it, and why. */
export function DispatchesView() {
  const search: DispatchesSearch = useSearch({ strict: false });
  const change = useSearchChange<DispatchesSearch>();
  const api = useApi();
  const report = useReport();
  const [isReplaying, replaying] = useDisclosure();
  const connectors = useRead('listConnectors', undefined);
  const { connector, status, reason, event } = search;
  const question = {
    from: report.window.from,
    to: report.window.to,
    ...said({ connector, status, reason, event_id: event }),
  };
  const dispatches = useRead('listDispatches', { ...question, ...pageWindow(search.page) });
  const isNarrowed = [connector, status, reason, event].some((part) => part !== undefined);
  return (
    <Page
      title={t.dispatches.title}
      description={t.dispatches.intro}
      actions={
        <>
          <RowsExport
            fileName="dispatches.csv"
            columns={exported}
            read={() => api.items('listDispatches', { ...question, limit: 200 })}
          />
          <Button size="xs" variant="default" onClick={replaying.open}>
            {t.dispatches.replay}
          </Button>
        </>
      }
    >
      <Group gap="sm">
        <ReportBar report={report} hasFilters={false} hasComparison={false} />
        <Select
          aria-label={t.connectors.platform}
          placeholder={t.connectors.anyPlatform}
          clearable
          clearButtonProps={{ 'aria-label': t.actions.clear }}
          w={200}
          data={(connectors.data ?? []).map(({ type, label }) => ({ value: type, label }))}
          value={connector ?? null}
          onChange={(next) => change({ connector: next ?? undefined, page: undefined })}
        />
        <ChoiceFilter
          label={t.keys.state}
          any={t.dispatches.anyStatus}
          choices={dispatchStatuses}
          names={t.dispatches.statuses}
          value={status}
          onChange={(next) => change({ status: next, page: undefined })}
        />
        <SearchField
          label={t.dispatches.searchEvent}
          value={event}
          onChange={(next) => change({ event: next, page: undefined }, { replace: true })}
        />
      </Group>
      <DispatchReasons
        question={question}
        chosen={reason}
        onChoose={(next) => change({ reason: next, page: undefined })}
      />
      <PagedPanel
        query={dispatches}
        page={search.page}
        onPage={(page) => change({ page })}
        isNarrowed={isNarrowed}
        empty={{
          icon: IconSend,
          title: t.dispatches.emptyTitle,
          children: t.dispatches.emptyHint,
          action: <LinkButton to="/connectors">{t.nav.connectors}</LinkButton>,
        }}
      >
        {(rows) => <DispatchesTable dispatches={rows} />}
      </PagedPanel>
      {isReplaying && <ReplayDialog question={question} onClose={replaying.close} />}
    </Page>
  );
}

const exported = [
  'id',
  'connector',
  'event_id',
  'platform_event_id',
  'event_type',
  'visitor_id',
  'occurred_at',
  'status',
  'reason',
  'message',
  'attempts',
  'delivered_at',
  'matched_by',
  'match_quality',
  'reference',
] as const satisfies readonly (keyof DispatchResponse)[];
