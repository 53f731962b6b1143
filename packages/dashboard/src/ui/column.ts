import type { ReactNode } from 'react';

import type { ColumnDef, ColumnMeta } from '@tanstack/react-table';

/**
 * Makes the columns of one table, each by its heading.
 *
 * @example
 * const column = columnsOf<WebhookResponse>();
 * const columns = [column(t.webhooks.url, ({ url }) => url)];
 */
export function columnsOf<Row>() {
  return (
    header: string,
    cell: (row: Row) => ReactNode,
    meta?: ColumnMeta<Row, unknown>,
  ): ColumnDef<Row> => ({
    id: header,
    header,
    cell: ({ row }) => cell(row.original),
    ...(meta !== undefined && { meta }),
  });
}
