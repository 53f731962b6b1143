import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type { ReportFlags } from './commands/analytics.ts';
import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';
import type { Terminal } from './terminal.ts';

interface CommonFlags {
  readonly data?: string;
  readonly json?: boolean;
}

const dayMilliseconds = 86_400_000;

interface WindowFlags {
  readonly from?: Date;
  readonly to?: Date;
  readonly last: number;
  readonly filter: ReportFlags['filter'];
}

/** `headwater analytics …` */
export function addAnalytics(
  program: Command,
  common: (command: Command) => Command,
  surround: (flags: CommonFlags) => { config: ServerConfig; log: Log; terminal: Terminal },
): void {
  const analytics = program
    .command('analytics')
    .description('reports: summary, timeseries, breakdown, retention, live, events');
  const windowed = (command: Command): Command =>
    common(command)
      .option('--from <time>', 'a date, or a time as 2026-11-01T00:00:00Z', parseTime)
      .option('--to <time>', 'not included', parseTime)
      .option('--last <days>', 'without --from: so many days until --to', parseDays, 30);
  const filtered = (command: Command): Command =>
    windowed(command).option(
      '--filter <filter>',
      'dimension=value, or dimension!=value to leave it out; may be given several times',
      addFilter,
      [],
    );

  filtered(analytics.command('summary'))
    .description('the numbers at a glance, and those of the same length of time before')
    .action(async (flags: CommonFlags & WindowFlags) => {
      const { printSummary } = await import('./commands/analytics.ts');
      await printSummary(surround(flags), toReport(flags));
    });

  filtered(analytics.command('timeseries'))
    .description('one metric over time')
    .option('--metric <name>', 'people, pageviews, sessions, sales, revenue, …', 'people')
    .option('--interval <name>', '1m to 1mo')
    .option('--timezone <zone>', "an IANA zone (the workspace's)")
    .action(
      async (
        flags: CommonFlags & WindowFlags & { metric: string; interval?: string; timezone?: string },
      ) => {
        const { printTimeSeries } = await import('./commands/analytics.ts');
        const { metric, interval, timezone } = flags;
        await printTimeSeries(surround(flags), {
          ...toReport(flags),
          metric,
          ...(interval !== undefined && { interval }),
          ...(timezone !== undefined && { timezone }),
        });
      },
    );

  filtered(analytics.command('breakdown'))
    .description('numbers by the values of a dimension')
    .requiredOption('--by <dimension>', 'channel, source, country, page, …')
    .option('--metrics <names>', 'by commas', 'people,sessions,pageviews')
    .option('--limit <rows>', 'at most 200', parseDays, 50)
    .action(
      async (flags: CommonFlags & WindowFlags & { by: string; metrics: string; limit: number }) => {
        const { printBreakdown } = await import('./commands/analytics.ts');
        await printBreakdown(surround(flags), {
          ...toReport(flags),
          dimension: flags.by,
          metrics: flags.metrics.split(','),
          limit: flags.limit,
        });
      },
    );

  filtered(analytics.command('retention'))
    .description('of the new people of each week, how many came back')
    .option('--timezone <zone>', "an IANA zone (the workspace's)")
    .action(async (flags: CommonFlags & WindowFlags & { timezone?: string }) => {
      const { printRetention } = await import('./commands/analytics.ts');
      const { timezone } = flags;
      await printRetention(surround(flags), {
        ...toReport(flags),
        ...(timezone !== undefined && { timezone }),
      });
    });

  common(analytics.command('live'))
    .description('who is there now')
    .action(async (flags: CommonFlags) => {
      const { printLive } = await import('./commands/analytics.ts');
      await printLive(surround(flags));
    });

  windowed(analytics.command('events'))
    .description('events as NDJSON, oldest first')
    .option('--cursor <cursor>', 'go on after the event with this cursor')
    .action(async (flags: CommonFlags & WindowFlags & { cursor?: string }) => {
      const { printEvents } = await import('./commands/analytics.ts');
      const { from, to } = toReport({ ...flags, filter: [] });
      await printEvents(surround(flags), {
        from,
        to,
        ...(flags.cursor !== undefined && { cursor: flags.cursor }),
      });
    });
}

function toReport({ from, to = new Date(), last, filter }: WindowFlags): ReportFlags {
  return { from: from ?? new Date(to.getTime() - last * dayMilliseconds), to, filter };
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('A date, or a time with its offset.');
  return time;
}

function parseDays(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('A whole number above 0.');
  return Number(text);
}

function addFilter(text: string, before: ReportFlags['filter']): ReportFlags['filter'] {
  const match = /^([a-z_]+)(!?=)(.+)$/s.exec(text);
  if (match === null) throw new InvalidArgumentError('dimension=value or dimension!=value.');
  return [...before, { dimension: match[1]!, values: [match[3]!], exclude: match[2] === '!=' }];
}
