import { saveBlob } from '../api/download.ts';

type Cell = string | number | null | undefined;

/** The rows that a view shows, for tables of which the server has no export. */
export function saveCsv(
  fileName: string,
  columns: readonly string[],
  rows: readonly Cell[][],
): void {
  const lines = [columns, ...rows].map((row) => row.map(cellOf).join(','));
  saveBlob(new Blob([`${lines.join('\r\n')}\r\n`], { type: 'text/csv' }), fileName);
}

/** Quoted as in RFC 4180; what a spreadsheet would run as a formula has an apostrophe in front. */
function cellOf(cell: Cell): string {
  if (cell == null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
