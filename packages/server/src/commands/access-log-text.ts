import type { AccessLogReport } from 'headwater';

import { formatTable } from '../terminal.ts';
import { formatCount } from './import-progress.ts';

type Counted = AccessLogReport['referrers'];

const rejectedShown = 20;

/** The report for people. */
export function formatAccessLogReport(name: string, report: AccessLogReport, top: number): string {
  return [
    describe(name, report),
    formatCounts(report),
    formatTop('machine', 'lines', report.machinesByName, top),
    formatTop('referrer', 'page views', report.referrers, top),
    formatTop('country', 'page views', report.countries, top),
    formatRejected(report),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function describe(
  name: string,
  { firstAt, lastAt, site, dryRun, newPeople }: AccessLogReport,
): string {
  return [
    `${name}${dryRun ? ' (dry run: nothing is written)' : ''}`,
    ...(firstAt && lastAt ? [`from ${formatTime(firstAt)} to ${formatTime(lastAt)}`] : []),
    site === undefined
      ? 'of an unknown site: --site https://… tells its pages from where people came from'
      : `of ${site.origin}${site.guessed ? ', as its referrers show; --site says otherwise' : ''}`,
    ...(dryRun
      ? []
      : [
          `${formatCount(newPeople)} new people, counting each address and user agent of a day as one`,
        ]),
  ].join('\n');
}

function formatCounts(report: AccessLogReport): string {
  const { pageviews, machines, dryRun } = report;
  const plain = (label: string, count: number, note = ''): string[] => [
    label,
    formatCount(count),
    '',
    '',
    note,
  ];
  const recorded = (
    label: string,
    counts: AccessLogReport['pageviews'],
    note: string,
  ): string[] => [
    label,
    formatCount(counts.lines),
    dryRun ? '' : formatCount(counts.imported),
    dryRun ? '' : formatCount(counts.alreadyThere),
    note,
  ];
  const notPages =
    machines.notPages === 0 ? '' : `${formatCount(machines.notPages)} of them for no page`;
  return formatTable(
    ['', 'lines', 'imported', 'already there', ''],
    [
      recorded('page views', pageviews, ''),
      recorded('machines', machines, notPages),
      plain('assets', report.assets),
      plain('other requests', report.others, list(report.othersByReason)),
      ...(report.outside === 0 ? [] : [plain('outside of the time', report.outside)]),
      ...(report.skipped === 0 ? [] : [plain('before the first line', report.skipped)]),
      plain('rejected', report.rejected, list(report.rejectedByCode)),
      plain('all', report.lines),
    ],
    [1, 2, 3],
  );
}

function formatTop(what: string, unit: string, counted: Counted, top: number): string {
  if (counted.length === 0 || top === 0) return '';
  const rest = counted.slice(top);
  const rows = counted.slice(0, top).map(({ name, count }) => [name, formatCount(count)]);
  if (rest.length > 0) {
    const sum = rest.reduce((total, { count }) => total + count, 0);
    rows.push([`${formatCount(rest.length)} more`, formatCount(sum)]);
  }
  return formatTable([what, unit], rows, [1]);
}

function formatRejected({ rejectedLines, rejected }: AccessLogReport): string {
  const shown = rejectedLines
    .slice(0, rejectedShown)
    .map(({ line, message }) => `line ${line} ${message}`);
  const more = rejected - shown.length;
  return [...shown, ...(more > 0 ? [`and ${formatCount(more)} more lines`] : [])].join('\n');
}

function list(counted: Counted): string {
  return counted.map(({ name, count }) => `${name}: ${formatCount(count)}`).join(', ');
}

/** The report for programs. */
export function toAccessLogJson(name: string, report: AccessLogReport): Record<string, unknown> {
  const counts = (counted: Counted): Record<string, number> =>
    Object.fromEntries(counted.map((entry) => [entry.name, entry.count]));
  return {
    file: name,
    ended: report.ended,
    dry_run: report.dryRun,
    site: report.site?.origin ?? null,
    site_guessed: report.site?.guessed ?? false,
    first_at: report.firstAt ?? null,
    last_at: report.lastAt ?? null,
    lines: report.lines,
    pageviews: toRecorded(report.pageviews),
    machines: { ...toRecorded(report.machines), not_pages: report.machines.notPages },
    assets: report.assets,
    others: report.others,
    outside: report.outside,
    skipped: report.skipped,
    rejected: report.rejected,
    new_people: report.newPeople,
    next_line: report.nextLine,
    others_by_reason: counts(report.othersByReason),
    machines_by_name: counts(report.machinesByName),
    referrers: counts(report.referrers),
    countries: counts(report.countries),
    rejected_by_code: counts(report.rejectedByCode),
    rejected_lines: report.rejectedLines,
  };
}

function toRecorded({ lines, imported, alreadyThere }: AccessLogReport['pageviews']) {
  return { lines, imported, already_there: alreadyThere };
}

function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
