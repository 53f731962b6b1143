import '@mantine/dates/styles.css';

import type { AttributionReport, AttributionRow, Input } from '@headwater/client/api';
import { Text } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';

import { useApi } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatDecimal, formatMoneys, nothing } from '../format/number.ts';
import { formatDay } from '../format/time.ts';
import { dayjs } from '../format/zoned-day.ts';
import { t } from '../messages/messages.ts';
import { DimensionValue } from '../report/dimension-value.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Panel } from '../ui/panel.tsx';
import { modelLabel } from './model-names.ts';

export interface ChangesPanelProps {
  /** What is known now, and what was asked for it. */
  readonly data: AttributionReport;
  readonly question: Input<'getAttributionReport'>;
  readonly show: 'revenue' | 'conversions';
  /** A day of the workspace's zone. */
  readonly since: string | undefined;
  readonly onSince: (day: string | undefined) => void;
}

/** What was learned since a day about the same period: late conversions, refunds, people who turned out to be one. */
export function ChangesPanel({ data, question, show, since, onSince }: ChangesPanelProps) {
  const { timezone } = useWorkspace();
  const api = useApi();
  const asked = {
    ...question,
    as_of: since === undefined ? '' : dayjs.tz(since, timezone).toISOString(),
  };
  const before = useQuery({
    queryKey: ['getAttributionReport', asked],
    queryFn: async ({ signal }) =>
      (await (await api.getAttributionReport(asked, { signal })).json()) as AttributionReport,
    enabled: since !== undefined,
  });
  return (
    <Panel
      flush
      title={t.attribution.changes}
      actions={
        <DateInput
          aria-label={t.attribution.changesSince}
          placeholder={t.attribution.changesSince}
          size="xs"
          w={180}
          clearable
          clearButtonProps={{ 'aria-label': t.actions.clear }}
          maxDate={dayjs().tz(timezone).format('YYYY-MM-DD')}
          value={since ?? null}
          onChange={(day) => onSince(day ?? undefined)}
        />
      }
    >
      {since === undefined ? (
        <Text size="sm" c="dimmed" px="md" pb="md">
          {t.attribution.changesHint}
        </Text>
      ) : (
        <Loaded query={before} height={160}>
          {(known) => (
            <ChangesTable
              before={known}
              now={data}
              show={show}
              day={formatDay(asked.as_of, timezone)}
            />
          )}
        </Loaded>
      )}
    </Panel>
  );
}

interface Change {
  readonly row: AttributionRow;
  readonly before: AttributionRow | undefined;
  readonly now: AttributionRow | undefined;
}

const column = columnsOf<Change>();

function ChangesTable(props: {
  readonly before: AttributionReport;
  readonly now: AttributionReport;
  readonly show: 'revenue' | 'conversions';
  readonly day: string;
}) {
  const { before, now, show, day } = props;
  const keyOf = (row: AttributionRow): string => `${row.kind} ${row.value ?? ''}`;
  const was = new Map(before.rows.map((row) => [keyOf(row), row]));
  const is = new Map(now.rows.map((row) => [keyOf(row), row]));
  const words = (row: AttributionRow | undefined, model: string): string => {
    const credit = row?.credits[model];
    if (credit === undefined) return nothing;
    return show === 'revenue' ? formatMoneys(credit.revenue) : formatDecimal(credit.conversions);
  };
  const changes = [...new Map([...was, ...is])]
    .map(([key, row]): Change => ({ row, before: was.get(key), now: is.get(key) }))
    .filter((change) =>
      now.models.some(({ key }) => words(change.before, key) !== words(change.now, key)),
    );
  if (changes.length === 0)
    return <EmptyState icon={IconHistory} title={t.attribution.noChanges(day)} />;
  return (
    <DataTable
      label={t.attribution.changes}
      rows={changes}
      rowKey={({ row }) => keyOf(row)}
      minWidth={320 + now.models.length * 150}
      columns={[
        column(t.dimensions[now.dimension], ({ row }) =>
          row.kind === 'value'
            ? (row.label ?? <DimensionValue dimension={now.dimension} value={row.value} />)
            : t.attribution.kinds[row.kind],
        ),
        ...now.models.map(({ key }) =>
          column(
            modelLabel(key),
            (change) => {
              const [then, today] = [words(change.before, key), words(change.now, key)];
              return then === today ? (
                <Text size="sm" c="dimmed" component="span">
                  {today}
                </Text>
              ) : (
                t.attribution.change(then, today)
              );
            },
            { align: 'right' },
          ),
        ),
      ]}
    />
  );
}
