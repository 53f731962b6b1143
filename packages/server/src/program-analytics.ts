import type { Command } from 'commander';

import type { EventListFlags } from './commands/events.ts';
import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';
import { addFilters, addPeriod, parseCount } from './program-period.ts';
import type { PeriodFlags, ReportFlags } from './program-period.ts';
import type { Terminal } from './terminal.ts';

interface CommonFlags {
  readonly data?: string;
  readonly json?: boolean;
}

/** `headwater analytics …` */
export function addAnalytics(
  program: Command,
  common: (command: Command) => Command,
  surround: (flags: CommonFlags) => { config: ServerConfig; log: Log; terminal: Terminal },
): void {
  const analytics = program
    .command('analytics')
    .description('reports: summary, timeseries, breakdown, conversions, retention, live, events');
  const windowed = (command: Command): Command => addPeriod(common(command));
  const filtered = (command: Command): Command => addFilters(windowed(command));

  filtered(analytics.command('summary'))
    .description('the numbers at a glance, and those of the same length of time before')
    .action(async (flags: CommonFlags & ReportFlags) => {
      const { printSummary } = await import('./commands/analytics.ts');
      await printSummary(surround(flags), flags);
    });

  filtered(analytics.command('timeseries'))
    .description('one metric over time')
    .option('--metric <name>', 'people, pageviews, sessions, sales, revenue, …', 'people')
    .option('--interval <name>', '1m to 1mo')
    .action(async (flags: CommonFlags & ReportFlags & { metric: string; interval?: string }) => {
      const { printTimeSeries } = await import('./commands/analytics.ts');
      await printTimeSeries(surround(flags), flags);
    });

  filtered(analytics.command('breakdown'))
    .description('numbers by the values of a dimension')
    .requiredOption('--dimension <dimension>', 'channel, source, country, page, …')
    .option('--metrics <names>', 'by commas', 'people,sessions,pageviews')
    .option('--limit <rows>', 'at most 200', parseCount, 50)
    .action(
      async (
        flags: CommonFlags & ReportFlags & { dimension: string; metrics: string; limit: number },
      ) => {
        const { printBreakdown } = await import('./commands/analytics.ts');
        await printBreakdown(surround(flags), { ...flags, metrics: flags.metrics.split(',') });
      },
    );

  filtered(analytics.command('conversions'))
    .description('sales, buyers and revenue by the values of a dimension')
    .option('--dimension <dimension>', 'channel, source, campaign, country, …', 'channel')
    .option('--limit <rows>', 'at most 200', parseCount, 50)
    .action(async (flags: CommonFlags & ReportFlags & { dimension: string; limit: number }) => {
      const { printConversions } = await import('./commands/analytics.ts');
      await printConversions(surround(flags), flags);
    });

  filtered(analytics.command('retention'))
    .description('of the new people of each week, how many came back')
    .action(async (flags: CommonFlags & ReportFlags) => {
      const { printRetention } = await import('./commands/analytics.ts');
      await printRetention(surround(flags), flags);
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
    .action(async (flags: CommonFlags & PeriodFlags & { cursor?: string }) => {
      const { printEvents } = await import('./commands/analytics.ts');
      await printEvents(surround(flags), flags);
    });
}

/** `headwater events …` */
export function addEvents(
  program: Command,
  common: (command: Command) => Command,
  surround: (flags: CommonFlags) => { config: ServerConfig; log: Log; terminal: Terminal },
): void {
  const events = program.command('events').description('what happened: list');
  addFilters(addPeriod(common(events.command('list'))))
    .description(
      'events, newest first; filters are on event_type, event_name, page, source, campaign and click_id',
    )
    .option('--visitor <id>', "of one person: the id of any of the person's visitors")
    .option('--search <text>', 'a part of the name or of the address')
    .option('--limit <rows>', 'at most 200', parseCount, 50)
    .option('--cursor <cursor>', 'go on where a page before has ended')
    .action(async (flags: CommonFlags & EventListFlags) => {
      const { listEvents } = await import('./commands/events.ts');
      await listEvents(surround(flags), flags);
    });
}
