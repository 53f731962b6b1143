import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

import type { SimulateLinkArguments } from './commands/simulate-link.ts';
import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';
import type { Terminal } from './terminal.ts';

interface Flags {
  readonly data?: string;
  readonly json?: boolean;
}

type Common = (command: Command) => Command;
type Surround = (flags: Flags) => { config: ServerConfig; log: Log; terminal: Terminal };

/** `headwater links simulate` */
export function addLinkSimulation(links: Command, common: Common, surround: Surround): void {
  common(links.command('simulate'))
    .description('say where a request to a link would go, and why; nothing is counted')
    .argument('<link>', 'its id, or its address: mybrand.link/launch')
    .option('--query <query>', 'utm_source=x&lang=de')
    .option('--at <time>', '2026-12-31T23:59:59Z (now)', readTime)
    .option('--user-agent <text>')
    .option('--language <text>', 'as a browser sends it: de-AT,de;q=0.9')
    .option('--referrer <address>', 'the page that the link stood on')
    .option('--ip <address>')
    .option('--country <code>', 'ISO 3166-1: DE')
    .option('--region <name>')
    .option('--city <name>')
    .addOption(
      new Option('--visitor <standing>', 'who follows it')
        .choices(['new', 'known', 'customer'])
        .default('new'),
    )
    .option('--visitor-key <text>', 'the same text for the same visitor, for variants and shares')
    .option('--unlocked', 'the right password is given')
    .option('--clicks <number>', 'instead of what has been counted', readCount)
    .option('--people <number>', 'instead of what has been counted', readCount)
    .option('--conversions <number>', 'instead of what has been counted', readCount)
    .action(async (link: string, flags: Flags & SimulateLinkArguments) => {
      const { config, log, terminal } = surround(flags);
      const { simulateLink } = await import('./commands/simulate-link.ts');
      await simulateLink(config, log, terminal, { link, flags });
    });
}

function readTime(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('It is no time.');
  return at;
}

function readCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is no whole number.');
  return Number(text);
}
