import type { LoggedSite } from './access-log-input.ts';
import type { LineProblem } from './access-log-line.ts';
import { lineProblems } from './access-log-line.ts';
import { createTally } from './tally.ts';
import type { Tally } from './tally.ts';

/** What became of requests that are events. */
export interface Recorded {
  /** Events that this run wrote. */
  readonly imported: number;
  /** Lines that an earlier run wrote, or an earlier part of this one. */
  readonly alreadyThere: number;
}

export interface RejectedLine {
  readonly line: number;
  /** One of the problems of a line, or why ingest refused the event. */
  readonly code: string;
  readonly message: string;
}

/**
 * What an import of an access log did. Every line is counted once: `lines` is the sum of `skipped`, `outside`,
 * `pageviews`, `machines`, `assets`, `others` and `rejected`.
 */
export interface AccessLogReport {
  /** `stopped`: by the caller's signal. `cut_off`: a packed input ends too early, or is damaged. */
  readonly ended: 'complete' | 'stopped' | 'cut_off';
  readonly dryRun: boolean;
  readonly lines: number;
  /** Before `fromLine`. */
  readonly skipped: number;
  /** Not within `since` and `until`. */
  readonly outside: number;
  /** Pages that people got to see. */
  readonly pageviews: Recorded & { readonly lines: number };
  /** Whatever machines asked for; their pages are recorded, as events of nobody. */
  readonly machines: Recorded & { readonly lines: number; readonly notPages: number };
  /** Files, asked for by people. */
  readonly assets: number;
  /** What is no page that somebody got to see: other methods, redirects, errors. */
  readonly others: number;
  readonly rejected: number;
  /** Visitors that this run has made: one for each address and user agent of a day. */
  readonly newPeople: number;
  readonly site?: LoggedSite;
  /** Times of the earliest and the latest request within `since` and `until`. */
  readonly firstAt?: Date;
  readonly lastAt?: Date;
  /** Where the next run can go on, with `fromLine`, after this one was stopped. */
  readonly nextLine: number;
  /** The first rejected lines. */
  readonly rejectedLines: readonly RejectedLine[];
  /** How many lines were rejected for each reason. */
  readonly rejectedByCode: readonly Counted[];
  readonly machinesByName: readonly Counted[];
  /** Hosts that people came from, by page views; not the site itself. */
  readonly referrers: readonly Counted[];
  /** Where people were, by page views, as far as their addresses say. */
  readonly countries: readonly Counted[];
  readonly othersByReason: readonly Counted[];
}

export interface Counted {
  readonly name: string;
  readonly count: number;
}

type Counts = {
  -readonly [
    Key in 'lines' | 'skipped' | 'outside' | 'assets' | 'others' | 'rejected' | 'newPeople'
  ]: number;
} & {
  readonly pageviews: { lines: number; imported: number; alreadyThere: number };
  readonly machines: { lines: number; notPages: number; imported: number; alreadyThere: number };
};

/** A report in the making. */
export interface AccessLogCounter {
  readonly counts: Counts;
  readonly machinesByName: Tally;
  readonly referrers: Tally;
  readonly countries: Tally;
  readonly othersByReason: Tally;
  reject(line: number, code: string, message?: string): void;
  see(at: number): void;
  finish(
    about: Pick<AccessLogReport, 'ended' | 'dryRun' | 'nextLine'> & {
      readonly site: AccessLogReport['site'] | undefined;
    },
  ): AccessLogReport;
}

const rejectedLinesMax = 1_000;

export function countAccessLog(): AccessLogCounter {
  const counts: Counts = {
    lines: 0,
    skipped: 0,
    outside: 0,
    assets: 0,
    others: 0,
    rejected: 0,
    newPeople: 0,
    pageviews: { lines: 0, imported: 0, alreadyThere: 0 },
    machines: { lines: 0, notPages: 0, imported: 0, alreadyThere: 0 },
  };
  const machinesByName = createTally();
  const referrers = createTally(10_000);
  const countries = createTally();
  const othersByReason = createTally();
  const rejectedByCode = createTally();
  const rejectedLines: RejectedLine[] = [];
  let firstAt = Infinity;
  let lastAt = -Infinity;
  return {
    counts,
    machinesByName,
    referrers,
    countries,
    othersByReason,
    reject(line, code, message = lineProblems[code as LineProblem]) {
      counts.rejected += 1;
      rejectedByCode.add(code);
      if (rejectedLines.length < rejectedLinesMax) rejectedLines.push({ line, code, message });
    },
    see(at) {
      firstAt = Math.min(firstAt, at);
      lastAt = Math.max(lastAt, at);
    },
    finish: ({ site, ...about }) => ({
      ...about,
      ...counts,
      ...(site !== undefined && { site }),
      ...(firstAt <= lastAt && { firstAt: new Date(firstAt), lastAt: new Date(lastAt) }),
      // Ingest answers later than the lines before were read.
      rejectedLines: rejectedLines.sort((left, right) => left.line - right.line),
      rejectedByCode: rejectedByCode.entries(),
      machinesByName: machinesByName.entries(),
      referrers: referrers.entries(),
      countries: countries.entries(),
      othersByReason: othersByReason.entries(),
    }),
  };
}
