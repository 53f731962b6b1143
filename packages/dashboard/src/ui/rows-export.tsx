import { useState } from 'react';

import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';

import { t } from '../messages/messages.ts';
import { saveCsv } from './csv.ts';
import { notifyFault } from './notify.ts';

export interface RowsExportProps<Row> {
  readonly fileName: string;
  readonly columns: readonly (keyof Row & string)[];
  /** Page after page, or what is there already. */
  readonly read: () => AsyncIterable<Row> | Iterable<Row>;
  /** Where it ends, so that a list of millions does not hold up the browser. @default 50,000 */
  readonly rowMax?: number;
}

/** A list as a file, for those that the server does not export itself. */
export function RowsExport<Row>({
  fileName,
  columns,
  read,
  rowMax = 50_000,
}: RowsExportProps<Row>) {
  const [isBusy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      const rows = [];
      for await (const row of read()) {
        rows.push(columns.map((name) => cellOf(row[name])));
        if (rows.length >= rowMax) break;
      }
      saveCsv(fileName, columns, rows);
    } catch (fault) {
      notifyFault(fault);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      size="xs"
      variant="default"
      loading={isBusy}
      leftSection={<IconDownload size={14} aria-hidden />}
      onClick={() => void save()}
    >
      {t.actions.exportCsv}
    </Button>
  );
}

function cellOf(value: unknown): string | number | null {
  if (value == null) return null;
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((part) => typeof part === 'string'))
    return value.join(' ');
  return JSON.stringify(value);
}
