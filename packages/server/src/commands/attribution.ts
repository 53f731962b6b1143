import type { AttributionReport, Headwater } from 'headwater';
import {
  creditShape,
  exportStream,
  onePage,
  pathShape,
  reportShape,
  toPathReportResponse,
  toAttributionReportResponse,
  toVisitorCreditsResponse,
} from 'headwater/contract';

import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import type { Log } from '../log.ts';
import { formatRevenue } from '../revenue.ts';
import { pipe } from '../standard-output.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { refused, toModels, toQuestion } from './attribution-flags.ts';
import type { AttributionFlags } from './attribution-flags.ts';

/** What each source is worth: a table, a column for each model. */
export async function printReport(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: AttributionFlags,
): Promise<void> {
  const { format } = flags;
  const found = await withMigratedEngine(config, log, (hw) =>
    hw.attribution.report({
      ...toQuestion(flags),
      ...(flags.compare === true && { compare: 'previous' }),
      ...(flags.sort !== undefined && { sort: { by: flags.sort } }),
      limit: flags.limit ?? (format === undefined ? 100 : 100_000),
    }),
  );
  if (!found.ok) throw refused(found);
  if (format !== undefined)
    await pipe(exportStream(format, reportShape(found.value), onePage(found.value.rows)));
  else if (terminal.json) terminal.print(JSON.stringify(toAttributionReportResponse(found.value)));
  else terminal.print(reportText(found.value));
}

function reportText(report: AttributionReport): string {
  const { models, rows, totals, previousTotals, rowCount } = report;
  const columns = models.flatMap(({ key }) => [
    key,
    '',
    ...(previousTotals === undefined ? [] : [`${key} before`]),
  ]);
  const lines = rows.map((row) => [
    row.label ?? row.value ?? `(${row.kind.replace('_', ' ')})`,
    ...models.flatMap(({ key }) => {
      const credit = row.credits[key];
      const before = row.previous?.[key];
      return [
        formatCount(credit?.conversions ?? 0),
        formatRevenue(credit?.revenue ?? []),
        ...(previousTotals === undefined ? [] : [formatCount(before?.conversions ?? 0)]),
      ];
    }),
    models.length < 2 ? '' : rangeText(row.range.conversions),
  ]);
  const header = [report.dimension, ...columns, models.length < 2 ? '' : 'range'];
  const shown = rowCount > rows.length ? `, ${rows.length} of ${rowCount} rows` : '';
  return [
    `${report.goals.join(', ')} from ${report.from.toISOString()} to ${report.to.toISOString()}${shown}`,
    '',
    formatTable(
      header,
      lines,
      header.map((_, column) => column).filter((column) => column > 0),
    ),
    '',
    `in all: ${totals.conversions} ${formatRevenue(totals.revenue)}`.trimEnd(),
  ].join('\n');
}

function rangeText({ min, max }: { readonly min: number; readonly max: number }): string {
  return min === max ? formatCount(min) : `${formatCount(min)} to ${formatCount(max)}`;
}

export async function printPaths(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: AttributionFlags,
): Promise<void> {
  const found = await withMigratedEngine(config, log, (hw) =>
    hw.attribution.paths({
      ...toQuestion(flags),
      limit: flags.limit ?? (flags.format === undefined ? 20 : 100_000),
      ...(flags.once === true && { repeats: 'once' }),
    }),
  );
  if (!found.ok) throw refused(found);
  if (flags.format !== undefined)
    return pipe(exportStream(flags.format, pathShape(found.value), onePage(found.value.paths)));
  if (terminal.json) return terminal.print(JSON.stringify(toPathReportResponse(found.value)));
  const { paths, lengths, timeToConvert } = found.value;
  terminal.print(
    formatTable(
      ['path', 'conversions', 'revenue', 'days'],
      paths.map(({ steps, conversions, revenue, averageDays }) => [
        steps
          .map((step) => step.label ?? step.value ?? `(${step.kind.replace('_', ' ')})`)
          .join(' > ') || '(nothing)',
        String(conversions),
        formatRevenue(revenue),
        averageDays === undefined ? '' : averageDays.toFixed(1),
      ]),
      [1, 2, 3],
    ),
  );
  terminal.print('');
  terminal.print(
    formatTable(
      ['touches', 'conversions', 'revenue'],
      lengths.map(({ touches, conversions, revenue }) => [
        String(touches),
        String(conversions),
        formatRevenue(revenue),
      ]),
      [0, 1, 2],
    ),
  );
  if (timeToConvert.medianDays !== undefined)
    terminal.print(
      `\nfrom the first touch to the conversion: ${timeToConvert.medianDays} days (median)`,
    );
}

/** Every row of credit, as it is read. */
export async function exportCredits(
  config: ServerConfig,
  log: Log,
  flags: AttributionFlags,
): Promise<void> {
  await withMigratedEngine(config, log, async (hw) => {
    const rows = await hw.attribution.credits(toQuestion(flags));
    if (!rows.ok) throw refused(rows);
    await pipe(exportStream(flags.format ?? 'ndjson', creditShape, rows.value));
  });
}

export async function printVisitor(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: AttributionFlags & { readonly id: string },
): Promise<void> {
  const found = await withMigratedEngine(config, log, (hw) =>
    hw.attribution.visitor(flags.id, toModels(flags.models)),
  );
  if (!found.ok) throw refused(found);
  if (terminal.json) return terminal.print(JSON.stringify(toVisitorCreditsResponse(found.value)));
  for (const { conversion, balance, touches } of found.value.conversions) {
    const { currency } = conversion;
    const money = currency === undefined ? [] : [{ currency, amountMinor: balance.netMinor }];
    terminal.print(
      `${conversion.goal} ${conversion.id}, ${new Date(conversion.occurredAt).toISOString()} ${formatRevenue(money)}`.trimEnd(),
    );
    terminal.print(
      formatTable(
        ['touch', 'channel', 'source', ...found.value.models.flatMap((key) => [key, ''])],
        touches.map(({ touch, credits }) => [
          touch.occurredAt.toISOString(),
          touch.channel ?? '',
          touch.source ?? '',
          ...found.value.models.flatMap((key) => {
            const { weight = 0, amountMinor = 0n } = credits[key] ?? {};
            return [
              formatCount(weight),
              formatRevenue(currency === undefined ? [] : [{ currency, amountMinor }]),
            ];
          }),
        ]),
      ),
    );
    terminal.print('');
  }
}

function formatCount(count: number): string {
  return String(Math.round(count * 100) / 100);
}

function withMigratedEngine<T>(
  config: ServerConfig,
  log: Log,
  work: (hw: Headwater) => Promise<T>,
): Promise<T> {
  return withEngine(config, log, async (hw) => {
    await hw.migrate();
    return work(hw);
  });
}
