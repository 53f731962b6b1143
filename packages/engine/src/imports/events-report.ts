import type { TrackEventInput } from '../ingest/track-event.ts';

export interface RejectedRow {
  readonly line: number;
  /** The field of the event; `row` for what is wrong with the row as a whole. */
  readonly field: string;
  readonly message: string;
}

/** How often one thing is wrong with one field. */
export interface FieldProblems {
  readonly field: string;
  readonly message: string;
  readonly rows: number;
  readonly firstLine: number;
}

/** What an import of events did. Every row is counted once: `rows` is the sum of the five counts behind it. */
export interface EventsReport {
  /** `stopped`: by the caller's signal. `cut_off`: from some place on the input cannot be read. */
  readonly ended: 'complete' | 'stopped' | 'cut_off';
  readonly dryRun: boolean;
  readonly rows: number;
  readonly imported: number;
  readonly alreadyThere: number;
  /** In a dry run: rows that would be imported, unless they are there. */
  readonly importable: number;
  /** Rows that the mapping does not want. */
  readonly leftOut: number;
  readonly rejected: number;
  /** Visitors that this run has made. */
  readonly newPeople: number;
  /** Columns of a CSV file that the mapping does not use. */
  readonly unusedColumns: readonly string[];
  readonly problems: readonly FieldProblems[];
  /** The first events, as the mapping makes them. */
  readonly samples: readonly TrackEventInput[];
}

/** A report in the making. */
export interface EventsCounter {
  readonly counts: {
    rows: number;
    imported: number;
    alreadyThere: number;
    importable: number;
    leftOut: number;
    newPeople: number;
  };
  reject(line: number, problems: readonly Omit<RejectedRow, 'line'>[]): void;
  sample(input: TrackEventInput): void;
  progress(): Pick<EventsReport, 'rows' | 'imported' | 'alreadyThere' | 'rejected'>;
  finish(about: Pick<EventsReport, 'ended' | 'dryRun' | 'unusedColumns'>): EventsReport;
}

const samplesMax = 10;
/** Of more different problems than this, nobody reads a summary. */
const problemsMax = 1_000;

export function countEvents(onRejected: (row: RejectedRow) => void): EventsCounter {
  const counts = { rows: 0, imported: 0, alreadyThere: 0, importable: 0, leftOut: 0, newPeople: 0 };
  const found = new Map<string, { -readonly [Key in keyof FieldProblems]: FieldProblems[Key] }>();
  const samples: TrackEventInput[] = [];
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
    sample(input) {
      if (samples.length < samplesMax) samples.push(input);
    },
    progress() {
      const { rows, imported, alreadyThere } = counts;
      return { rows, imported, alreadyThere, rejected };
    },
    finish: (about) => ({
      ...about,
      ...counts,
      rejected,
      problems: [...found.values()].sort((left, right) => right.rows - left.rows),
      samples,
    }),
  };
}
