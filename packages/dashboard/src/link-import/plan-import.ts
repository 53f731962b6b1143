import type { ImportLinksResponse } from '@headwater/client/api';

import { splitCsv } from './split-csv.ts';
import type { ImportPart } from './split-csv.ts';

/** So many records in one request: each is a step of the progress. */
const recordsPerPart = 200;

export interface ImportPlan {
  readonly parts: readonly ImportPart[];
  /** How many parts have been. */
  sent: number;
  /** What has become of each row so far. */
  report: ImportLinksResponse;
}

/**
 * What is sent after a dry run, part by part: without the records that it refused or skipped. A part knows nothing of the
 * others, so that a link that is given twice would be written twice.
 */
export function planImport(content: string, checked: ImportLinksResponse): ImportPlan {
  // A record may be several links, which have its row.
  const rows = [...Map.groupBy(checked.results, ({ row }) => row).values()];
  const isOut = (row: ImportLinksResponse['results'] | undefined): boolean =>
    row?.every(({ outcome }) => outcome === 'refused' || outcome === 'skipped') ?? false;
  const every = splitCsv(content, recordsPerPart);
  const records = every.reduce((sum, part) => sum + part.records, 0);
  const report = { ...checked, dry_run: false, created: 0, updated: 0, unchanged: 0 };
  // JSON, or something else that cannot be told apart here: as a whole it is judged as it was in the dry run.
  if (records !== rows.length)
    return {
      parts: [{ content, records, lineOffset: 0 }],
      sent: 0,
      report: { ...report, skipped: 0, refused: 0, results: [] },
    };
  const results = rows.filter(isOut).flat();
  const refused = results.filter(({ outcome }) => outcome === 'refused').length;
  return {
    parts: splitCsv(content, recordsPerPart, (record) => isOut(rows[record])),
    sent: 0,
    report: { ...report, refused, skipped: results.length - refused, results },
  };
}
