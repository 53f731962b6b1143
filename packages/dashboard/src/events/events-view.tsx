import { Group, Select } from '@mantine/core';
import { IconList } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { t } from '../messages/messages.ts';
import { ReportBar } from '../report/report-bar.tsx';
import { useReport } from '../report/use-report.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { ExportButton } from '../ui/export-button.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Pager, pageSize, pageWindow } from '../ui/pager.tsx';
import { Panel } from '../ui/panel.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { EventsTable } from './events-table.tsx';
import type { EventsSearch } from './events-search.ts';

/** Every event as it was recorded, newest first. */
export function EventsView() {
  const report = useReport();
  const search: EventsSearch = useSearch({ strict: false });
  const change = useSearchChange<EventsSearch>();
  const api = useApi();
  const { from, to } = report.window;
  const events = useRead('listEvents', {
    from,
    to,
    ...(search.q !== undefined && { search: search.q }),
    ...(search.type !== undefined && {
      filters: JSON.stringify([{ dimension: 'event_type', values: [search.type] }]),
    }),
    ...pageWindow(search.page),
  });
  return (
    <Page
      title={t.nav.events}
      description={t.events.intro}
      actions={
        <>
          <LinkButton to="/live" size="xs" variant="default">
            {t.events.watch}
          </LinkButton>
          <ExportButton
            fileName="events.csv"
            read={() => api.exportEvents({ from, to, format: 'csv' })}
          />
        </>
      }
    >
      <Group gap="sm">
        <ReportBar report={report} hasFilters={false} hasComparison={false} />
        <SearchField
          label={t.events.search}
          value={search.q}
          onChange={(q) => change({ q, page: undefined }, { replace: true })}
        />
        <Select
          aria-label={t.events.type}
          placeholder={t.events.anyType}
          clearable
          clearButtonProps={{ 'aria-label': t.actions.clear }}
          searchable
          w={180}
          data={Object.entries(t.eventTypes).map(([value, label]) => ({ value, label }))}
          value={search.type ?? null}
          onChange={(type) => change({ type: type ?? undefined, page: undefined })}
        />
      </Group>
      <Panel flush>
        <Loaded
          query={events}
          height={500}
          empty={
            <EmptyState icon={IconList} title={t.events.emptyTitle}>
              {t.events.emptyHint}
            </EmptyState>
          }
        >
          {(rows) => (
            <>
              <EventsTable events={rows.slice(0, pageSize)} />
              <Pager
                page={search.page ?? 1}
                hasNext={rows.length > pageSize}
                onChange={(page) => change({ page: page === 1 ? undefined : page })}
              />
            </>
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}
