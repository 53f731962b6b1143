import { useState } from 'react';

import { Stack, Text } from '@mantine/core';

import { nothing } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { Pager, pageSize } from '../ui/pager.tsx';
import type { BulkChange } from './bulk-changes.ts';
import { OutcomeBadge } from './outcome-badge.tsx';
import { shortAddress } from './short-address.ts';
import type { BulkOutcome } from './use-bulk-run.ts';

const change = columnsOf<BulkChange>();

/** What would change with each link. */
export function PreviewTable({ changes }: { readonly changes: readonly BulkChange[] }) {
  const [page, setPage] = useState(1);
  return (
    <>
      <DataTable
        label={t.linkBulk.previewLabel}
        rows={changes.slice((page - 1) * pageSize, page * pageSize)}
        rowKey={({ link }) => link.id}
        minWidth={480}
        columns={[
          change(t.links.link, ({ link }) => (
            <Text size="sm" fw={600}>
              {shortAddress(link)}
            </Text>
          )),
          change(t.linkHistory.changes, ({ lines }) =>
            lines.length === 0 ? (
              <Text size="xs" c="dimmed">
                {t.outcomes.unchanged}
              </Text>
            ) : (
              <Stack gap={0}>
                {lines.map(({ field, words }) => (
                  <Text key={field} size="xs" style={{ overflowWrap: 'anywhere' }}>
                    <Text span size="xs" fw={600}>
                      {field}
                    </Text>{' '}
                    {words}
                  </Text>
                ))}
              </Stack>
            ),
          ),
        ]}
      />
      <Pager page={page} hasNext={changes.length > page * pageSize} onChange={setPage} />
    </>
  );
}

const outcomeColumn = columnsOf<BulkOutcome>();

/** What became of each link, those that were refused first. */
export function OutcomesTable({ outcomes }: { readonly outcomes: readonly BulkOutcome[] }) {
  const [page, setPage] = useState(1);
  const rows = outcomes.toSorted(
    (one, other) => Number(other.outcome === 'refused') - Number(one.outcome === 'refused'),
  );
  return (
    <>
      <DataTable
        label={t.linkBulk.outcomesLabel}
        rows={rows.slice((page - 1) * pageSize, page * pageSize)}
        rowKey={({ link }) => link.id}
        minWidth={480}
        columns={[
          outcomeColumn(t.links.link, ({ link }) => shortAddress(link)),
          outcomeColumn(t.linkImport.outcome, ({ outcome }) => <OutcomeBadge outcome={outcome} />),
          outcomeColumn(t.linkImport.why, ({ problem }) => problem ?? nothing),
        ]}
      />
      <Pager page={page} hasNext={rows.length > page * pageSize} onChange={setPage} />
    </>
  );
}
