import {
  exportStream,
  funnelShape,
  onePage,
  toFunnelReportResponse,
  toFunnelResponse,
  toFunnelRows,
} from 'headwater/contract';
import type { Funnel, FunnelReport, Headwater, VisitDimension, VisitFilter } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import { toPeriod } from '../program-period.ts';
import type { ReportFlags } from '../program-period.ts';
import { pipe } from '../standard-output.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export interface FunnelFlags extends ReportFlags {
  readonly dimension?: string;
  readonly format?: 'csv' | 'ndjson';
}

export async function listFunnels(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
): Promise<void> {
  const funnels = await withMigratedEngine(config, log, async (hw) => {
    const found: Funnel[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await hw.funnels.list({ limit: 200, cursor });
      if (!page.ok) throw new CommandFailure(page.message);
      found.push(...page.value.funnels);
      cursor = page.value.nextCursor;
      if (cursor === undefined) return found;
    }
  });
  if (terminal.json) {
    terminal.print(JSON.stringify(funnels.map(toFunnelResponse)));
    return;
  }
  terminal.print(
    formatTable(
      ['id', 'name', 'steps', 'window'],
      funnels.map(({ id, name, steps, window }) => [
        id,
        name,
        String(steps.length),
        `${window.days} d`,
      ]),
      [2, 3],
    ),
  );
}

export async function reportFunnel(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { id, flags }: { readonly id: string; readonly flags: FunnelFlags },
): Promise<void> {
  const report = await withMigratedEngine(config, log, (hw) =>
    hw.funnels.report(id, {
      ...toPeriod(flags),
      // The use case refuses what is no dimension, with their names.
      filters: flags.filter as readonly VisitFilter[],
      dimension: flags.dimension as VisitDimension | undefined,
    }),
  );
  if (!report.ok) {
    const misused = report.code === 'validation_failed';
    throw new CommandFailure(report.message, misused ? exitCodes.misused : exitCodes.failed);
  }
  if (flags.format !== undefined) {
    const rows = onePage(toFunnelRows(report.value));
    return pipe(exportStream(flags.format, funnelShape, rows));
  }
  terminal.print(
    terminal.json ? JSON.stringify(toFunnelReportResponse(report.value)) : toText(report.value),
  );
}

function toText(report: FunnelReport): string {
  const steps = formatTable(
    ['step', 'people', 'of all', 'dropped off', 'median', 'p90'],
    report.steps.map((step) => [
      step.label,
      String(step.people),
      percent(step.rate),
      String(step.droppedOff),
      duration(step.secondsFromPrevious?.median),
      duration(step.secondsFromPrevious?.p90),
    ]),
    [1, 2, 3, 4, 5],
  );
  if (report.breakdown === undefined) return steps;
  const { dimension, groups, others } = report.breakdown;
  const rows = groups.map(({ value, entered, converted, conversionRate }) => [
    value,
    String(entered),
    String(converted),
    percent(conversionRate),
  ]);
  const [entered = 0] = others;
  if (entered > 0) rows.push(['others', String(entered), String(others.at(-1)), '']);
  const header = [dimension, 'entered', 'converted', 'rate'];
  return `${steps}\n\n${formatTable(header, rows, [1, 2, 3])}`;
}

function percent(share: number | undefined): string {
  return share === undefined ? '' : `${(share * 100).toFixed(1)} %`;
}

function duration(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  if (seconds < 7_200) return `${(seconds / 60).toFixed(0)} min`;
  return seconds < 172_800
    ? `${(seconds / 3_600).toFixed(1)} h`
    : `${(seconds / 86_400).toFixed(1)} d`;
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
