import type { Measurement } from './measure.ts';
import { rows } from './rows.ts';
import type { Row } from './rows.ts';
import type { StorageReport } from './storage.ts';

export interface BenchmarkReport {
  readonly date: string;
  readonly command: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGigabytes: number;
    readonly node: string;
    readonly postgres: string;
  };
  readonly rounds: number;
  readonly seconds: number;
  readonly measurements: readonly Measurement[];
  readonly storage: StorageReport | undefined;
}

/** The report as Markdown: what the terminal shows and `docs/benchmark.md` holds. */
export function formatReport(report: BenchmarkReport): string {
  const { machine } = report;
  const parts = [
    `\`${report.command}\` on ${report.date}: ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGigabytes} GB, ` +
      `Node ${machine.node}, ${machine.postgres}. Load generator, server and database share the cores. ` +
      `Medians of ${report.rounds} interleaved round${report.rounds === 1 ? '' : 's'} of ${report.seconds} s.`,
    ...rows
      .filter((row) => report.measurements.some(({ row: id }) => id === row.id))
      .map((row) => formatRow(row, report)),
    ...(report.storage === undefined ? [] : [formatStorage(report.storage)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function formatRow(row: Row, report: BenchmarkReport): string {
  const measured = report.measurements.filter((measurement) => measurement.row === row.id);
  const bare = measured.find((measurement) => measurement.kind === 'bare');
  const lines = measured.map((measurement) => {
    const byHand = measured.find(
      ({ kind, database }) => kind === 'by hand' && database === measurement.database,
    );
    return [
      measurement.contender,
      Math.round(measurement.eventsPerSecond).toLocaleString('en'),
      bare === undefined
        ? ''
        : `${((measurement.eventsPerSecond / bare.eventsPerSecond) * 100).toFixed(1)} %`,
      byHand === undefined
        ? ''
        : `${(measurement.eventsPerSecond / byHand.eventsPerSecond).toFixed(1)} ×`,
      milliseconds(measurement.p50),
      milliseconds(measurement.p99),
      milliseconds(measurement.p999),
      String(measurement.unexpected),
      judge(row, measurement),
    ];
  });
  const unit = row.eventsPerRequest === 1 ? 'requests/s' : 'events/s';
  const header = [
    '',
    unit,
    'of bare',
    'by hand',
    'p50 ms',
    'p99 ms',
    'p99.9 ms',
    'failed',
    'floor',
  ];
  return `### ${row.title}\n\n${row.connections} connections.\n\n${markdownTable(header, lines)}`;
}

function judge(row: Row, measurement: Measurement): string {
  if (measurement.kind !== 'Headwater' || measurement.database === undefined) return '';
  const floor = row.floor[measurement.database];
  if (floor === undefined) return '';
  const p99Max = measurement.database === 'PostgreSQL' ? row.p99Max?.PostgreSQL : undefined;
  const met =
    measurement.eventsPerSecond >= floor && (p99Max === undefined || measurement.p99 <= p99Max);
  const text = `${floor.toLocaleString('en')}${p99Max === undefined ? '' : `, p99 ≤ ${p99Max} ms`}`;
  return `${text}: ${met ? 'met' : 'missed'}`;
}

function formatStorage(storage: StorageReport): string {
  const largest = storage.tables
    .slice(0, 8)
    .map((table) => [table.name, String(Math.round(table.bytes / storage.pageviews))]);
  const statements = storage.statements.map((measured) => [
    measured.eventsPerBatch.toFixed(1),
    measured.statementsPerBatch.toFixed(1),
  ]);
  return [
    `### Bytes on disk and statements per batch, PostgreSQL`,
    `${storage.bytesPerPageview} bytes for each page view, all tables and indexes ` +
      `(${storage.pageviews.toLocaleString('en')} page views of ${storage.visitors.toLocaleString('en')} known visitors; floor 600, goal 400):`,
    markdownTable(['table', 'bytes per page view'], largest),
    `What PostgreSQL counted, begin and commit aside:`,
    markdownTable(['events per batch', 'statements per batch'], statements),
  ].join('\n\n');
}

function milliseconds(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}

export function markdownTable(
  header: readonly string[],
  lines: readonly (readonly string[])[],
): string {
  const all = [header, ...lines];
  const widths = header.map((_, column) =>
    Math.max(3, ...all.map((line) => (line[column] ?? '').length)),
  );
  const format = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [format(header), rule, ...lines.map(format)].join('\n');
}
