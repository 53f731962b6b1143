import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

import type { ImportAccessLogArguments } from './commands/import-access-log.ts';
import type { ImportEventsArguments } from './commands/import-events.ts';
import type { ImportLinksArguments } from './commands/import-links.ts';
import type { ImportTablesArguments } from './commands/import-tables.ts';
import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';
import type { Terminal } from './terminal.ts';

interface Flags {
  readonly data?: string;
  readonly json?: boolean;
}

/** `headwater import …` */
export function addImport(
  program: Command,
  common: (command: Command) => Command,
  surround: (flags: Flags) => { config: ServerConfig; log: Log; terminal: Terminal },
): void {
  const imports = program
    .command('import')
    .description('take in access logs, and what other systems have');

  common(imports.command('access-log'))
    .description(
      'page views and machines from access logs in the common or combined format, as they are or packed by gzip; again and again, each line counts once',
    )
    .argument('<file...>', 'files, oldest first; - is standard input')
    .option('--site <url>', 'scheme and host of the pages, where the lines do not name it')
    .option('--since <when>', 'only requests from this day or moment on')
    .option('--until <when>', 'only requests before this day or moment')
    .option('--from-line <number>', 'go on with this line of the first file', parseLine)
    .option('--top <number>', 'how many machines and referrers are listed', parseCount, 10)
    .option('--dry-run', 'read and count, and write nothing')
    .option('--workspace <workspace>', 'id or slug; the first one without it')
    .action(async (files: string[], flags: Flags & ImportAccessLogArguments) => {
      const { config, log, terminal } = surround(flags);
      const { importAccessLogs } = await import('./commands/import-access-log.ts');
      await importAccessLogs(config, log, terminal, { ...flags, files });
    });

  common(imports.command('events'))
    .description(
      'events of other systems from CSV or NDJSON; again and again, each row counts once',
    )
    .argument('<file...>', 'files; - is standard input')
    .addOption(
      new Option('--format <format>', 'told by the name of the file without it').choices([
        'csv',
        'ndjson',
      ]),
    )
    .option('--map <file>', 'JSON: which column fills which field (docs/import.md)')
    .option(
      '--delimiter <character>',
      'what separates the cells of CSV, a comma without it; \\t is a tab',
    )
    .option('--dry-run', 'show the first events and every problem, and write nothing')
    .option('--workspace <workspace>', 'id or slug; the first one without it')
    .action(async (files: string[], flags: Flags & ImportEventsArguments) => {
      const { config, log, terminal } = surround(flags);
      const { importEventFiles } = await import('./commands/import-events.ts');
      await importEventFiles(config, log, terminal, { ...flags, files });
    });

  common(imports.command('links'))
    .description(
      'links of other products, from what they export; what is here already is left alone',
    )
    .argument('<file>', 'CSV, JSON, or JSON in lines; - is standard input')
    .addOption(
      new Option('--from <product>', 'whose export it is')
        .choices(['csv', 'bitly', 'dub', 'kutt', 'shlink', 'yourls', 'rebrandly', 'short-io'])
        .default('csv'),
    )
    .option('--domain <host>', 'where the links go to; the domains in the file without it')
    .option('--update', 'change links that are here already')
    .option('--dry-run', 'say of each row what would happen, and write nothing')
    .option('--workspace <workspace>', 'id or slug; the first one without it')
    .action(async (file: string, flags: Flags & ImportLinksArguments) => {
      const { config, log, terminal } = surround(flags);
      const { importLinkFile } = await import('./commands/import-links.ts');
      await importLinkFile(config, log, terminal, { ...flags, file });
    });

  for (const [system, first, description] of [
    ['usher', 'invitations', "Usher's invitations and their usages"],
    ['phoenix-kit', 'codes', "PhoenixKit's referral codes and who used them"],
  ] as const)
    common(imports.command(system))
      .description(
        `${description}, from their tables or from dumps of them; again and again, each row counts once`,
      )
      .option('--from <url>', 'the PostgreSQL that the tables are in')
      .option('--schema <name>', 'of the tables there (public)')
      .option(`--${first} <file>`, 'CSV with a header, or NDJSON')
      .option('--usages <file>', 'the same of the usages')
      .option('--dry-run', 'read and check, and write nothing')
      .option('--workspace <workspace>', 'id or slug; the first one without it')
      .action(async (flags: Flags & ImportTablesArguments) => {
        const { config, log, terminal } = surround(flags);
        const { importTables } = await import('./commands/import-tables.ts');
        await importTables(config, log, terminal, { ...flags, system });
      });
}

function parseCount(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('A whole number.');
  return Number(text);
}

function parseLine(text: string): number {
  const line = parseCount(text);
  if (line === 0) throw new InvalidArgumentError('Lines count from 1.');
  return line;
}
