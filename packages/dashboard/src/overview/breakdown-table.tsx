import type { BreakdownRow } from '@headwater/client/api';
import { Table, Text, UnstyledButton } from '@mantine/core';

import { useMediaQuery } from '@mantine/hooks';

import { useWorkspace } from '../app/use-workspace.ts';
import { formatCompact, formatMoneys, formatNumber, nothing } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { DimensionValue } from '../report/dimension-value.tsx';
import { notSet } from '../report/filter.ts';
import type { FilterDimension } from '../report/filter.ts';
import type { Report } from '../report/use-report.ts';
import type { BreakdownMetric } from './breakdown-metrics.ts';

export interface BreakdownTableProps {
  readonly report: Report;
  readonly dimension: FilterDimension;
  readonly rows: readonly BreakdownRow[];
  readonly metrics: readonly BreakdownMetric[];
  readonly isFull?: boolean;
  readonly onChosen?: () => void;
}

export function BreakdownTable(props: BreakdownTableProps) {
  const { report, dimension, rows, isFull = false, onChosen } = props;
  const isNarrow = useMediaQuery('(max-width: 36em)');
  // A phone has room for how many, and for what they are worth.
  const metrics =
    isNarrow && !isFull ? props.metrics.filter((_, place) => place !== 1) : props.metrics;
  const { currency } = useWorkspace();
  const [first] = metrics;
  const most = Math.max(1, ...rows.map((row) => row[first!] ?? 0));
  const words = (row: BreakdownRow, metric: BreakdownMetric): string => {
    if (metric !== 'revenue')
      return isFull ? formatNumber(row[metric]) : formatCompact(row[metric]);
    const moneys = row.revenue_by_currency?.filter((money) => money.amount !== 0) ?? [];
    if (moneys.length === 0) return nothing;
    return isFull
      ? formatMoneys(moneys)
      : formatMoneys(moneys.filter((money) => money.currency === currency));
  };
  return (
    <Table
      verticalSpacing={5}
      horizontalSpacing="md"
      withRowBorders={false}
      layout="fixed"
      aria-label={t.dimensions[dimension]}
    >
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{t.dimensions[dimension]}</Table.Th>
          {metrics.map((metric) => (
            <Table.Th
              key={metric}
              scope="col"
              ta="right"
              w={metric === 'revenue' ? 116 : metric === 'people' ? 84 : 112}
            >
              {t.metrics[metric]}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => {
          const value = row.value === notSet ? null : row.value;
          const filter = { dimension, value, excludes: false };
          return (
            <Table.Tr key={row.value}>
              <Table.Td style={barStyle((row[first!] ?? 0) / most)}>
                <UnstyledButton
                  onClick={() => {
                    report.toggle(filter);
                    onChosen?.();
                  }}
                  title={t.report.filterBy(t.dimensions[dimension], row.value)}
                  w="100%"
                  display="block"
                >
                  <Text size="sm" truncate component="span" display="block">
                    <DimensionValue dimension={dimension} value={value} />
                  </Text>
                </UnstyledButton>
              </Table.Td>
              {metrics.map((metric) => (
                <Table.Td
                  key={metric}
                  ta="right"
                  fz="sm"
                  style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}
                >
                  {words(row, metric)}
                </Table.Td>
              ))}
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}

/** How much of the first row this one has, behind its name. */
function barStyle(share: number): React.CSSProperties {
  const percent = `${Math.round(share * 100)}%`;
  return {
    backgroundImage: `linear-gradient(to right, var(--hw-bar) ${percent}, transparent ${percent})`,
    borderRadius: 4,
  };
}
