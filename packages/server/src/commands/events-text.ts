import type { EventsReport } from 'headwater';

import { formatTable } from '../terminal.ts';
import { formatCount } from './import-progress.ts';

/** The report for people. */
export function formatEventsReport(name: string, report: EventsReport): string {
  const { dryRun } = report;
  return [
    `${name}${dryRun ? ' (dry run: nothing is written)' : ''}`,
    formatTable(
      ['', 'rows'],
      [
        ...(dryRun
          ? [['importable', formatCount(report.importable)]]
          : [
              ['imported', formatCount(report.imported)],
              ['already there', formatCount(report.alreadyThere)],
            ]),
        ['left out', formatCount(report.leftOut)],
        ['rejected', formatCount(report.rejected)],
        ['all', formatCount(report.rows)],
      ],
      [1],
    ),
    dryRun ? '' : `${formatCount(report.newPeople)} new people`,
    formatProblems(report),
    report.unusedColumns.length === 0
      ? ''
      : `columns without a field: ${report.unusedColumns.join(', ')}`,
    dryRun ? formatSamples(report) : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function formatProblems({ problems }: EventsReport): string {
  if (problems.length === 0) return '';
  return formatTable(
    ['field', 'problem', 'rows', 'first line'],
    problems.map(({ field, message, rows, firstLine }) => [
      field,
      message,
      formatCount(rows),
      String(firstLine),
    ]),
    [2, 3],
  );
}

function formatSamples({ samples }: EventsReport): string {
  if (samples.length === 0) return '';
  return ['the first events:', ...samples.map((sample) => JSON.stringify(toFields(sample)))].join(
    '\n',
  );
}

/** The report for programs. */
export function toEventsJson(name: string, report: EventsReport): Record<string, unknown> {
  return {
    file: name,
    ended: report.ended,
    dry_run: report.dryRun,
    rows: report.rows,
    imported: report.imported,
    already_there: report.alreadyThere,
    importable: report.importable,
    left_out: report.leftOut,
    rejected: report.rejected,
    new_people: report.newPeople,
    unused_columns: report.unusedColumns,
    problems: report.problems.map(({ field, message, rows, firstLine }) => ({
      field,
      message,
      rows,
      first_line: firstLine,
    })),
    ...(report.dryRun && { samples: report.samples.map(toFields) }),
  };
}

const fieldNames: Readonly<Record<string, string>> = {
  type: 'event_type',
  name: 'event_name',
  externalId: 'person_external_id',
  email: 'person_email',
  phone: 'person_phone',
  clickId: 'hw_click',
  amountMinor: 'amount_cents',
};

/** An event by the names that mappings and the REST API have for its fields. */
function toFields(sample: EventsReport['samples'][number]): Record<string, unknown> {
  const fields = Object.entries(sample).map(([key, value]): [string, unknown] => [
    fieldNames[key] ?? key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    typeof value === 'bigint' ? Number(value) : value,
  ]);
  return Object.fromEntries(fields);
}
