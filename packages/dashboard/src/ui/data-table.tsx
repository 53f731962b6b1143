import type { ReactNode } from 'react';

import { Group, Table, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { flexRender, getCoreRowModel, useReactTable } from '@tanstack/react-table';
import type { ColumnDef, RowData } from '@tanstack/react-table';

import { t } from '../messages/messages.ts';
import { ScrollTable } from './scroll-table.tsx';

declare module '@tanstack/react-table' {
  interface ColumnMeta<TData extends RowData, TValue> {
    /** Numbers stand at the right. */
    readonly align?: 'right';
    /** What the server calls it when it sorts. */
    readonly sort?: string;
    readonly width?: number | string;
    /** Never there; only so that the parameters of the merged interface are used. */
    readonly types?: (row: TData, value: TValue) => void;
  }
}

export interface Sorting {
  readonly by: string;
  readonly order: 'asc' | 'desc';
}

export interface DataTableProps<Row> {
  /** For screen readers. */
  readonly label: string;
  readonly columns: readonly ColumnDef<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row, index: number) => string;
  readonly minWidth?: number;
  /** What the rows are sorted by, by the server. */
  readonly sorting?: Sorting | undefined;
  readonly onSort?: (sorting: Sorting) => void;
  readonly footer?: ReactNode;
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, minWidth = 640, sorting, onSort, footer } = props;
  const table = useReactTable({
    data: rows as Row[],
    columns: columns as ColumnDef<Row>[],
    getCoreRowModel: getCoreRowModel(),
    getRowId: (row, index) => rowKey(row, index),
    manualSorting: true,
  });
  return (
    <ScrollTable minWidth={minWidth} label={label}>
      <Table highlightOnHover verticalSpacing="xs" horizontalSpacing="md" aria-label={label}>
        <Table.Thead>
          {table.getHeaderGroups().map((group) => (
            <Table.Tr key={group.id}>
              {group.headers.map((header) => {
                const { align, sort, width } = header.column.columnDef.meta ?? {};
                const isSorted = sort !== undefined && sorting?.by === sort;
                const words = flexRender(header.column.columnDef.header, header.getContext());
                return (
                  <Table.Th
                    key={header.id}
                    scope="col"
                    ta={align ?? 'left'}
                    w={width}
                    aria-sort={
                      isSorted ? (sorting.order === 'asc' ? 'ascending' : 'descending') : undefined
                    }
                  >
                    {sort === undefined || onSort === undefined ? (
                      words
                    ) : (
                      <SortButton
                        isSorted={isSorted}
                        order={sorting?.order}
                        align={align}
                        onClick={() =>
                          onSort({
                            by: sort,
                            order: isSorted && sorting.order === 'desc' ? 'asc' : 'desc',
                          })
                        }
                      >
                        {words}
                      </SortButton>
                    )}
                  </Table.Th>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Thead>
        <Table.Tbody>
          {table.getRowModel().rows.map((row) => (
            <Table.Tr key={row.id}>
              {row.getVisibleCells().map((cell) => (
                <Table.Td
                  key={cell.id}
                  ta={cell.column.columnDef.meta?.align ?? 'left'}
                  style={
                    cell.column.columnDef.meta?.align === 'right'
                      ? { fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }
                      : undefined
                  }
                >
                  {flexRender(cell.column.columnDef.cell, cell.getContext())}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
        {footer !== undefined && <Table.Tfoot>{footer}</Table.Tfoot>}
      </Table>
    </ScrollTable>
  );
}

function SortButton(props: {
  readonly isSorted: boolean;
  readonly order: 'asc' | 'desc' | undefined;
  readonly align: 'right' | undefined;
  readonly onClick: () => void;
  readonly children: ReactNode;
}) {
  const Arrow = props.order === 'asc' ? IconArrowUp : IconArrowDown;
  return (
    <UnstyledButton onClick={props.onClick} fw={700} fz="sm" title={t.actions.sort}>
      <Group
        gap={4}
        wrap="nowrap"
        // The arrow stands on the side where no number is.
        style={{ flexDirection: props.align === 'right' ? 'row-reverse' : 'row' }}
      >
        {props.children}
        <Arrow
          size={14}
          aria-hidden
          style={{ visibility: props.isSorted ? 'visible' : 'hidden' }}
        />
      </Group>
    </UnstyledButton>
  );
}
