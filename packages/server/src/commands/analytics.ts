import type { ExportedEvent, Headwater, Refusal, Result } from 'headwater';
import {
  reportedConversions,
  toBreakdownResponse,
  toLiveResponse,
  toRetentionResponse,
  toSummaryResponse,
  toTimeSeriesResponse,
} from 'headwater/contract';

import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import { CommandFailure } from '../failure.ts';
import type { Log } from '../log.ts';
import { toPeriod } from '../program-period.ts';
import type { PeriodFlags, ReportFlags } from '../program-period.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

interface Surroundings {
  readonly config: ServerConfig;
  readonly log: Log;
  readonly terminal: Terminal;
}

export function printSummary(around: Surroundings, flags: ReportFlags): Promise<void> {
  return report(around, async (hw, currency) => {
    const summary = unwrap(await hw.analytics.summary({ ...toReport(flags), compare: 'previous' }));
    const { previous, ...now } = toSummaryResponse(summary, currency);
    return {
      json: { ...now, previous },
      header: ['', 'now', 'before'],
      rows: Object.entries(now).map(([name, value]) => [
        name,
        text(value),
        text((previous as Record<string, unknown> | undefined)?.[name]),
      ]),
    };
  });
}

export function printTimeSeries(
  around: Surroundings,
  flags: ReportFlags & { readonly metric: string; readonly interval?: string },
): Promise<void> {
  return report(around, async (hw, currency) => {
    const { metric, interval } = flags;
    const series = unwrap(
      await hw.analytics.timeSeries({ ...toReport(flags), metrics: [metric], interval }),
    );
    const json = toTimeSeriesResponse(series, metric, currency);
    return {
      json,
      header: ['from', metric],
      rows: json.points.map((point) => [
        point.bucket_start,
        text((point as Record<string, unknown>)['value']),
      ]),
    };
  });
}

export function printBreakdown(
  around: Surroundings,
  flags: ReportFlags & {
    readonly dimension: string;
    readonly metrics: readonly string[];
    readonly limit: number;
  },
): Promise<void> {
  return report(around, async (hw, currency) => {
    const { dimension, metrics, limit } = flags;
    const breakdown = unwrap(
      await hw.analytics.breakdown({ ...toReport(flags), dimension, metrics, limit }),
    );
    const json = toBreakdownResponse(breakdown, flags, currency);
    return {
      json,
      header: [flags.dimension, ...flags.metrics],
      rows: json.rows.map((row) => [
        row.value,
        ...flags.metrics.map((metric) => text((row as Record<string, unknown>)[metric])),
      ]),
    };
  });
}

export function printConversions(
  around: Surroundings,
  flags: ReportFlags & { readonly dimension: string; readonly limit: number },
): Promise<void> {
  return printBreakdown(around, { ...flags, metrics: reportedConversions });
}

export function printRetention(around: Surroundings, flags: ReportFlags): Promise<void> {
  return report(around, async (hw) => {
    const json = toRetentionResponse(unwrap(await hw.analytics.retention(toReport(flags))));
    return {
      json,
      header: ['week of', 'people, week by week'],
      rows: json.cohorts.map(({ week_start: start, people }) => [
        start.slice(0, 10),
        people.join(' '),
      ]),
    };
  });
}

export function printLive(around: Surroundings): Promise<void> {
  return report(around, async (hw) => {
    const json = toLiveResponse(await hw.analytics.live());
    return {
      json,
      header: ['', 'people'],
      rows: [
        ['last 5 minutes', text(json.people_5_minutes)],
        ['last 30 minutes', text(json.people_30_minutes)],
        ...json.pages.map(({ value, people }) => [value, text(people)]),
      ],
    };
  });
}

/** NDJSON, one event a line; what standard output does not take in time is waited for. */
export async function printEvents(
  { config, log, terminal }: Surroundings,
  { cursor, ...period }: PeriodFlags & { readonly cursor?: string },
): Promise<void> {
  await withEngine(config, log, async (hw) => {
    await hw.migrate();
    const events = unwrap(
      await hw.analytics.events({ ...toPeriod(period), ...(cursor !== undefined && { cursor }) }),
    );
    for await (const event of events) {
      terminal.print(JSON.stringify(event, stringify));
      if (process.stdout.writableNeedDrain)
        await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
  });
}

function stringify(_key: string, value: ExportedEvent[keyof ExportedEvent]): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

function toReport(flags: ReportFlags) {
  return { ...toPeriod(flags), filters: flags.filter };
}

interface Printed {
  readonly json: unknown;
  readonly header: readonly string[];
  readonly rows: ReadonlyArray<readonly string[]>;
}

async function report(
  { config, log, terminal }: Surroundings,
  make: (hw: Headwater, currency: string) => Promise<Printed>,
): Promise<void> {
  const { json, header, rows } = await withEngine(config, log, async (hw) => {
    await hw.migrate();
    return make(hw, (await hw.workspaces.first()).currency);
  });
  if (terminal.json) terminal.print(JSON.stringify(json));
  else
    terminal.print(
      formatTable(
        header,
        rows,
        header.slice(1).map((_, column) => column + 1),
      ),
    );
}

function unwrap<T>(result: Result<T, Refusal>): T {
  if (result.ok) return result.value;
  throw new CommandFailure(result.message);
}

function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(Math.round(value * 10_000) / 10_000);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
