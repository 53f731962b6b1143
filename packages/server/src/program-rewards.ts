import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type { RewardArguments, RuleArguments } from './commands/rewards.ts';
import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';
import type { Terminal } from './terminal.ts';

interface Flags {
  readonly data?: string;
  readonly json?: boolean;
}

type Common = (command: Command) => Command;
type Surround = (flags: Flags) => { config: ServerConfig; log: Log; terminal: Terminal };

/** `headwater codes rewards`, `rules`, `add-rule`, `end-rule`, `balance`, `ledger` */
export function addRewards(codes: Command, common: Common, surround: Surround): void {
  common(codes.command('rewards'))
    .description('what referrals have earned, newest first')
    .option('--user <user>', 'of one user')
    .option('--code <id>', 'by one code')
    .option('--limit <number>', 'how many, 200 at most', parseNumber, 50)
    .action(async (flags: Flags & RewardArguments) => {
      const { config, log, terminal } = surround(flags);
      const { listRewards } = await import('./commands/rewards.ts');
      await listRewards(config, log, terminal, flags);
    });

  common(codes.command('rules'))
    .description('the rules of rewards')
    .action(async (flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      const { listRules } = await import('./commands/rewards.ts');
      await listRules(config, log, terminal);
    });

  common(codes.command('add-rule'))
    .description('make a rule of rewards; it counts from now on')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--on <trigger>', 'redemption, registration, activation or payment')
    .option('--referrer <terms>', "what who referred gets: 20%, '1000 USD', '50 credits'")
    .option('--referee <terms>', 'what who came gets')
    .option('--hold <days>', 'cannot be paid out for so long', parseNumber, 0)
    .option('--every', 'every payment of a referral, not the first alone')
    .action(async (flags: Flags & RuleArguments) => {
      const { config, log, terminal } = surround(flags);
      const { createRule } = await import('./commands/rewards.ts');
      await createRule(config, log, terminal, flags);
    });

  common(codes.command('end-rule'))
    .description('end a rule of rewards; what it gave stays')
    .argument('<id>')
    .action(async (id: string, flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      const { archiveRule } = await import('./commands/rewards.ts');
      await archiveRule(config, log, terminal, id);
    });

  common(codes.command('balance'))
    .description('what a user has earned: held, available, paid')
    .argument('<user>')
    .action(async (user: string, flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      const { showBalance } = await import('./commands/rewards.ts');
      await showBalance(config, log, terminal, user);
    });

  common(codes.command('ledger'))
    .description('every entry of the ledger, oldest first, on the standard output')
    .option('--user <user>', 'of one user')
    .option('--format <format>', 'csv or ndjson', 'csv')
    .action(async (flags: Flags & { format: string; user?: string }) => {
      const { config, log } = surround(flags);
      const { exportLedger } = await import('./commands/rewards.ts');
      await exportLedger(config, log, flags);
    });
}

function parseNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A whole number.');
  return Number(text);
}
