import type { ImportLinksResponse } from '@headwater/client/api';
import { Alert, Group, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';

import { formatNumber, nothing } from '../format/number.ts';
import { OutcomeBadge } from '../links/outcome-badge.tsx';
import { problemWords } from '../links/use-bulk-run.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { Pager, pageSize } from '../ui/pager.tsx';
import { Panel } from '../ui/panel.tsx';
import { RowsExport } from '../ui/rows-export.tsx';
import { TextLink } from '../ui/text-link.tsx';

type Row = ImportLinksResponse['results'][number];

const outcomes = ['created', 'updated', 'unchanged', 'skipped', 'refused'] as const;

/** What would become, or what became, of each row of a file. */
export function ImportReport({ report }: { readonly report: ImportLinksResponse }) {
  const [only, setOnly] = useState<(typeof outcomes)[number] | 'all'>('all');
  const [page, setPage] = useState(1);
  const rows = report.results.filter(({ outcome }) => only === 'all' || outcome === only);
  const words = report.dry_run ? t.linkImport.would : t.outcomes;
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
        {outcomes.map((name) => (
          <StatCard key={name} label={words[name]} value={formatNumber(report[name])} />
        ))}
      </SimpleGrid>
      {report.ignored_columns.length > 0 && (
        <Alert variant="light" color="gray" role="note" icon={<IconInfoCircle aria-hidden />}>
          {t.linkImport.ignored(report.ignored_columns.join(', '))}
        </Alert>
      )}
      <Panel
        flush
        title={report.dry_run ? t.linkImport.wouldHappen : t.linkImport.happened}
        actions={
          <RowsExport
            fileName="link-import.csv"
            columns={['row', 'outcome', 'domain', 'key', 'url', 'why']}
            read={() => report.results.map((row) => ({ ...row, why: whyOf(row) }))}
          />
        }
      >
        <Group px="md" pb="sm" style={{ overflowX: 'auto' }}>
          <SegmentedControl
            size="xs"
            aria-label={t.linkImport.outcome}
            data={(['all', ...outcomes] as const).map((value) => ({
              value,
              label: value === 'all' ? t.linkImport.all : t.outcomes[value],
            }))}
            value={only}
            onChange={(value) => {
              setOnly(value);
              setPage(1);
            }}
          />
        </Group>
        <DataTable
          label={t.linkImport.rows}
          rows={rows.slice((page - 1) * pageSize, page * pageSize)}
          // An entry may be several links.
          rowKey={(row, index) => `${row.row} ${index}`}
          minWidth={760}
          columns={columnsOfReport(report.dry_run)}
        />
        {rows.length === 0 && (
          <Text size="sm" c="dimmed" p="md">
            {t.states.noMatch}
          </Text>
        )}
        <Pager page={page} hasNext={rows.length > page * pageSize} onChange={setPage} />
      </Panel>
    </Stack>
  );
}

const column = columnsOf<Row>();

const columnsOfReport = (isDryRun: boolean) => [
  column(t.linkImport.line, ({ row }) => formatNumber(row), { align: 'right', width: 70 }),
  column(t.linkImport.outcome, ({ outcome }) => <OutcomeBadge outcome={outcome} />),
  column(t.links.link, ({ domain, key, id, outcome }) => {
    const address = [domain, key].filter((part) => part !== undefined).join('/') || nothing;
    if (id !== undefined)
      return (
        <TextLink to="/links/$id" params={{ id }} size="sm">
          {address}
        </TextLink>
      );
    // The answer has no ids of new links: the list finds them by their key.
    return outcome === 'created' && !isDryRun && key !== undefined ? (
      <TextLink to="/links" search={{ q: key }} size="sm">
        {address}
      </TextLink>
    ) : (
      address
    );
  }),
  column(t.links.destination, ({ url }) => (
    <Text size="sm" truncate maw={320}>
      {url ?? nothing}
    </Text>
  )),
  column(t.linkImport.why, (row) => (
    <Text size="xs" style={{ overflowWrap: 'anywhere' }} maw={320}>
      {whyOf(row) || nothing}
    </Text>
  )),
];

function whyOf({ error, errors, notes }: Row): string {
  const problem = problemWords(error, errors);
  return [...(problem === undefined ? [] : [problem]), ...notes].join('; ');
}
