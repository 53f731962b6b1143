import type { FieldProblems, RejectedRow } from './events-report.ts';

/** What became of one table. Every row is counted once: `rows` is the sum of the four counts behind it. */
export interface TableReport {
  /** `stopped`: by the caller's signal. `cut_off`: from some place on the input cannot be read. */
  readonly ended: 'complete' | 'stopped' | 'cut_off';
  readonly rows: number;
  readonly imported: number;
  readonly alreadyThere: number;
  /** In a dry run: rows that would be imported, unless they are there. */
  readonly importable: number;
  readonly rejected: number;
  readonly problems: readonly FieldProblems[];
}

export type TableProgress = Pick<TableReport, 'rows' | 'imported' | 'alreadyThere' | 'rejected'>;

/** A report in the making. */
export interface TableCounter {
  readonly counts: { rows: number; imported: number; alreadyThere: number; importable: number };
  reject(line: number, problems: readonly Omit<RejectedRow, 'line'>[]): void;
  progress(): TableProgress;
  finish(ended: TableReport['ended']): TableReport;
}

/** Of more different problems than this, nobody reads a summary. */
const problemsMax = 1_000;

export function countTable(onRejected: (row: RejectedRow) => void): TableCounter {
  const counts = { rows: 0, imported: 0, alreadyThere: 0, importable: 0 };
  const found = new Map<string, { -readonly [Key in keyof FieldProblems]: FieldProblems[Key] }>();
  let rejected = 0;
  return {
    counts,
    reject(line, problems) {
      rejected += 1;
      for (const { field, message } of problems) {
        onRejected({ line, field, message });
        const key = `${field}\0${message}`;
        const known = found.get(key);
        if (known !== undefined) known.rows += 1;
        else if (found.size < problemsMax)
          found.set(key, { field, message, rows: 1, firstLine: line });
      }
    },
    progress() {
      const { rows, imported, alreadyThere } = counts;
      return { rows, imported, alreadyThere, rejected };
    },
    finish: (ended) => ({
      ended,
      ...counts,
      rejected,
      problems: [...found.values()].sort((left, right) => right.rows - left.rows),
    }),
  };
}
