import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type {
  CommissionArguments,
  PartnerArguments,
  SimulationArguments,
} from './commands/partners.ts';
import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';
import type { Terminal } from './terminal.ts';

interface Flags {
  readonly data?: string;
  readonly json?: boolean;
}

/** `headwater partners …`: who earns on referral links, by which rules, and what they are paid. */
export function addPartners(
  program: Command,
  common: (command: Command) => Command,
  surround: (flags: Flags) => { config: ServerConfig; log: Log; terminal: Terminal },
): void {
  const partners = program
    .command('partners')
    .description('who earns on referral links, by which rules, and what they are paid');
  const commands = () => import('./commands/partners.ts');

  common(partners.command('list'))
    .description('partners, newest first')
    .option('--search <text>', 'a part of the key or the name')
    .option('--limit <number>', 'how many, 200 at most', parseNumber, 50)
    .action(async (flags: Flags & { limit: number; search?: string }) => {
      const { config, log, terminal } = surround(flags);
      await (await commands()).listPartners(config, log, terminal, flags);
    });

  common(partners.command('create'))
    .description('make a partner')
    .requiredOption('--key <key>', 'what ?via= names them by')
    .requiredOption('--name <name>', 'who they are')
    .option('--external-id <id>', 'of their user account')
    .option('--email <address>', 'where they are reached')
    .option('--program <id>', 'by whose rules they earn')
    .option('--group <group>', 'rules may be for one group')
    .action(async (flags: Flags & PartnerArguments) => {
      const { config, log, terminal } = surround(flags);
      await (await commands()).createPartner(config, log, terminal, flags);
    });

  common(partners.command('archive'))
    .description('end a partner and free the key; what was earned stays')
    .argument('<id>')
    .action(async (id: string, flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      await (await commands()).archivePartner(config, log, terminal, id);
    });

  common(partners.command('show'))
    .description('what a partner sees: links, clicks, referrals and earnings')
    .argument('<id-or-key>')
    .action(async (id: string, flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      await (await commands()).showPartner(config, log, terminal, id);
    });

  common(partners.command('token'))
    .description("make a token for the partner's page")
    .argument('<id>')
    .option('--hours <hours>', 'how long it is good', parseNumber, 1)
    .action(async (id: string, flags: Flags & { hours: number }) => {
      const { config, log, terminal } = surround(flags);
      await (await commands()).makeToken(config, log, terminal, id, flags.hours);
    });

  common(partners.command('programs'))
    .description('the programmes')
    .action(async (flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      await (await commands()).listPrograms(config, log, terminal);
    });

  common(partners.command('program'))
    .description('make a programme of a JSON file, or the next version of one')
    .argument('<file>', 'the body that the API takes')
    .option('--id <id>', 'whose next version it is')
    .action(async (file: string, flags: Flags & { id?: string }) => {
      const { config, log, terminal } = surround(flags);
      await (await commands()).applyProgram(config, log, terminal, { ...flags, file });
    });

  common(partners.command('simulate'))
    .description('what partners would have earned in a period by a draft of their programme')
    .argument('<programme>')
    .requiredOption(
      '--from <time>',
      'from then on: a day (UTC) or a time as in RFC 3339',
      parseTime,
    )
    .requiredOption('--to <time>', 'before then', parseTime)
    .option('--file <file>', 'the draft, as for `program`; the programme as it is without it')
    .action(async (id: string, flags: Flags & Omit<SimulationArguments, 'id'>) => {
      const { config, log, terminal } = surround(flags);
      await (await commands()).simulateProgram(config, log, terminal, { ...flags, id });
    });

  common(partners.command('commissions'))
    .description('commissions, newest first')
    .option('--partner <id>', 'of one partner')
    .option('--status <status>', 'review, held, available, rejected, reversed or capped')
    .option('--flagged', 'only those with something suspicious')
    .option('--limit <number>', 'how many, 200 at most', parseNumber, 50)
    .action(async (flags: Flags & CommissionArguments) => {
      const { config, log, terminal } = surround(flags);
      await (await commands()).listCommissions(config, log, terminal, flags);
    });

  for (const [name, decision] of [
    ['approve', 'approved'],
    ['reject', 'rejected'],
  ] as const)
    common(partners.command(name))
      .description(`${name} a commission; what it is worth follows at once`)
      .argument('<id>')
      .option('--note <text>', 'why')
      .action(async (id: string, flags: Flags & { note?: string }) => {
        const { config, log, terminal } = surround(flags);
        const { note } = flags;
        await (await commands()).decideCommission(config, log, terminal, { id, decision, note });
      });

  common(partners.command('pay'))
    .description('take what partners have available from their balances, to be paid')
    .option('--unit <currency>', 'only this currency')
    .option('--minimum <amount>', 'who has less gets it another time, in minor units', parseNumber)
    .action(async (flags: Flags & { unit?: string; minimum?: number }) => {
      const { config, log, terminal } = surround(flags);
      await (await commands()).makePayouts(config, log, terminal, flags);
    });

  common(partners.command('payouts'))
    .description('the payouts of a batch, on the standard output')
    .argument('<batch>')
    .option('--format <format>', 'csv or ndjson', 'csv')
    .action(async (batch: string, flags: Flags & { format: string }) => {
      const { config, log } = surround(flags);
      await (await commands()).exportPayouts(config, log, { batch, format: flags.format });
    });

  for (const [name, status] of [
    ['paid', 'paid'],
    ['failed', 'failed'],
  ] as const)
    common(partners.command(name))
      .description(
        status === 'paid'
          ? 'note that a payout was paid'
          : 'note that a payout failed, which gives it back to the balance',
      )
      .argument('<payout>')
      .option('--reference <text>', 'what whoever moved the money calls it')
      .action(async (id: string, flags: Flags & { reference?: string }) => {
        const { config, log, terminal } = surround(flags);
        const { reference } = flags;
        await (await commands()).markPayout(config, log, terminal, { id, status, reference });
      });
}

function parseNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A whole number.');
  return Number(text);
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('A day, or a time as in RFC 3339.');
  return time;
}
