import { useState } from 'react';

import type { AuditEntryResponse } from '@headwater/client/api';
import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useApi, useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { nothing } from '../format/number.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { PeriodPicker } from '../report/period-picker.tsx';
import { said } from '../report/said.ts';
import { useReport } from '../report/use-report.ts';
import { ChoiceFilter } from '../ui/choice-filter.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { ExportButton } from '../ui/export-button.tsx';
import { PagedPanel } from '../ui/paged-panel.tsx';
import { pageWindow } from '../ui/pager.tsx';
import { AuditDetails } from './audit-details.tsx';
import { AuditSubject } from './audit-subject.tsx';
import { auditWords } from './audit-words.ts';
import { auditKinds } from './settings-search.ts';
import type { SettingsSearch } from './settings-search.ts';
import { useActorNames } from './use-actor-names.ts';

/** Who changed what, newest first. */
export function AuditLog() {
  const search: SettingsSearch = useSearch({ strict: false });
  const change = useSearchChange<SettingsSearch>();
  const report = useReport();
  const api = useApi();
  const actors = useActorNames();
  const { kind, actor } = search;
  const { from: since, to: until } = report.window;
  const narrowing = said({ subject_type: kind, actor });
  const question = { ...narrowing, since, until };
  const entries = useRead('listAudit', { ...question, ...pageWindow(search.page) });
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t.audit.intro}
      </Text>
      <Group gap="sm">
        <PeriodPicker
          report={{ ...report, change: (next) => change({ ...next, page: undefined }) }}
        />
        <ChoiceFilter
          label={t.audit.kind}
          any={t.audit.anyKind}
          choices={auditKinds}
          names={t.audit.kinds}
          value={kind}
          onChange={(next) => change({ kind: next, page: undefined })}
        />
        <Select
          aria-label={t.audit.actor}
          placeholder={t.audit.anyActor}
          clearable
          clearButtonProps={{ 'aria-label': t.actions.clear }}
          searchable
          w={200}
          data={[...actors].map(([value, label]) => ({ value, label }))}
          value={actor ?? null}
          onChange={(next) => change({ actor: next ?? undefined, page: undefined })}
        />
        <ExportButton
          fileName="audit.csv"
          read={() => api.exportAudit({ ...question, format: 'csv' })}
        />
      </Group>
      <PagedPanel
        query={entries}
        page={search.page}
        onPage={(page) => change({ page })}
        isNarrowed={Object.keys(narrowing).length > 0}
        empty={{
          icon: IconHistory,
          title: t.states.nothingInPeriod,
          children: t.audit.emptyHint,
        }}
      >
        {(rows) => <EntriesTable entries={rows} actors={actors} />}
      </PagedPanel>
    </Stack>
  );
}

const column = columnsOf<AuditEntryResponse>();

function EntriesTable(props: {
  readonly entries: readonly AuditEntryResponse[];
  readonly actors: ReadonlyMap<string, string>;
}) {
  const { entries, actors } = props;
  const { timezone } = useWorkspace();
  const [shown, setShown] = useState<AuditEntryResponse>();
  return (
    <>
      <DataTable
        label={t.settings.tabs.audit}
        rows={entries}
        rowKey={({ id }) => id}
        minWidth={760}
        columns={[
          column(t.events.when, ({ at }) => formatInstant(at, timezone)),
          column(t.events.who, ({ actor }) =>
            actor === null ? t.audit.engine : (actors.get(actor) ?? actor),
          ),
          column(t.events.what, (entry) => (
            <Stack gap={0}>
              <Text size="sm">{auditWords(entry)}</Text>
              <Text size="xs" c="dimmed" component="div">
                <AuditSubject entry={entry} />
              </Text>
            </Stack>
          )),
          column(t.audit.fields, ({ changes }) => Object.keys(changes).join(', ') || nothing),
          column(
            t.actions.more,
            (entry) =>
              Object.keys(entry.changes).length > 0 && (
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={t.audit.detailsOf(auditWords(entry))}
                  onClick={() => setShown(entry)}
                >
                  {t.audit.details}
                </Button>
              ),
            { align: 'right' },
          ),
        ]}
      />
      <AuditDetails entry={shown} onClose={() => setShown(undefined)} />
    </>
  );
}
