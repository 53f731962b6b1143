import type { AttributionReport, AttributionRow } from '@headwater/client/api';
import { Group, Progress, Stack, Table, Text, Tooltip, UnstyledButton } from '@mantine/core';
import type { ColumnDef } from '@tanstack/react-table';

import { useWorkspace } from '../app/use-workspace.ts';
import {
  formatDecimal,
  formatMoney,
  formatMoneys,
  formatNumber,
  formatPercent,
  nothing,
} from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { DimensionValue } from '../report/dimension-value.tsx';
import { isFilterDimension } from '../report/filter.ts';
import type { Report } from '../report/use-report.ts';
import { DataTable } from '../ui/data-table.tsx';
import { modelLabel } from './model-names.ts';

export interface AttributionTableProps {
  readonly data: AttributionReport;
  readonly show: 'revenue' | 'conversions';
  readonly report: Report;
}

export function AttributionTable({ data, show, report }: AttributionTableProps) {
  const { currency } = useWorkspace();
  const money = data.totals.revenue.some((sum) => sum.currency === currency)
    ? currency
    : data.totals.revenue[0]?.currency;
  const columns: ColumnDef<AttributionRow>[] = [
    {
      id: 'value',
      header: t.dimensions[data.dimension],
      cell: ({ row }) => <RowName row={row.original} by={data.dimension} report={report} />,
    },
    ...data.models.map((model): ColumnDef<AttributionRow> => ({
      id: model.key,
      header: () => (
        <Tooltip
          label={t.modelHints[model.name as keyof typeof t.modelHints] ?? model.key}
          multiline
          maw={300}
        >
          <span>{modelLabel(model.key)}</span>
        </Tooltip>
      ),
      meta: { align: 'right' },
      cell: ({ row }) => <Credit row={row.original} model={model.key} show={show} />,
    })),
    {
      id: 'range',
      header: () => (
        <Tooltip label={t.attribution.rangeHint} multiline maw={300}>
          <span>{t.attribution.range}</span>
        </Tooltip>
      ),
      meta: { align: 'right' },
      cell: ({ row }) => rangeWords(row.original, show, money),
    },
  ];
  return (
    <DataTable
      label={t.nav.attribution}
      columns={columns}
      rows={data.rows}
      rowKey={(row) => `${row.kind} ${row.value ?? ''}`}
      minWidth={320 + data.models.length * 130}
      footer={
        <Table.Tr>
          <Table.Th scope="row">{t.attribution.total}</Table.Th>
          <Table.Td ta="right" colSpan={data.models.length + 1}>
            {show === 'revenue'
              ? formatMoneys(data.totals.revenue)
              : t.attribution.totalConversions(formatNumber(data.totals.conversions))}
          </Table.Td>
        </Table.Tr>
      }
    />
  );
}

function RowName(props: {
  readonly row: AttributionRow;
  readonly by: string;
  readonly report: Report;
}) {
  const { row, by, report } = props;
  if (row.kind !== 'value')
    return (
      <Text size="sm" c="dimmed">
        {t.attribution.kinds[row.kind]}
      </Text>
    );
  const name = row.label ?? <DimensionValue dimension={by} value={row.value} />;
  if (!isFilterDimension(by)) return name;
  return (
    <UnstyledButton
      fz="sm"
      fw={600}
      title={t.report.filterBy(t.dimensions[by], row.value ?? '')}
      onClick={() => report.toggle({ dimension: by, value: row.value, excludes: false })}
    >
      {name}
    </UnstyledButton>
  );
}

function Credit(props: {
  readonly row: AttributionRow;
  readonly model: string;
  readonly show: 'revenue' | 'conversions';
}) {
  const credit = props.row.credits[props.model];
  if (credit === undefined) return nothing;
  const words =
    props.show === 'revenue' ? formatMoneys(credit.revenue) : formatDecimal(credit.conversions);
  return (
    <Stack gap={3} align="flex-end">
      <Text size="sm" component="span">
        {words}
      </Text>
      <Group gap={6} wrap="nowrap" w="100%" justify="flex-end">
        <Progress value={credit.share * 100} size={4} w={54} aria-hidden />
        <Text size="xs" c="dimmed" component="span">
          {formatPercent(credit.share)}
        </Text>
      </Group>
    </Stack>
  );
}

function rangeWords(
  row: AttributionRow,
  show: 'revenue' | 'conversions',
  currency: string | undefined,
): string {
  if (show === 'conversions') {
    const { min, max } = row.range.conversions;
    return min === max ? formatDecimal(min) : `${formatDecimal(min)} – ${formatDecimal(max)}`;
  }
  const range = row.range.revenue.find((candidate) => candidate.currency === currency);
  if (range === undefined) return nothing;
  const [min, max] = [range.min_amount, range.max_amount].map((amount) =>
    formatMoney({ amount, currency: range.currency }),
  );
  return min === max ? min! : `${min} – ${max}`;
}
