import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type { CreateCodeArguments } from './commands/codes.ts';
import type { CreateInvitationArguments } from './commands/invitations.ts';
import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';
import { addRewards } from './program-rewards.ts';
import type { Terminal } from './terminal.ts';

interface Flags {
  readonly data?: string;
  readonly json?: boolean;
}

type Common = (command: Command) => Command;
type Surround = (flags: Flags) => { config: ServerConfig; log: Log; terminal: Terminal };

/** `headwater invitations …` */
export function addInvitations(program: Command, common: Common, surround: Surround): void {
  const invitations = program
    .command('invitations')
    .description('invitations: list, create, renew, revoke, archive, cleanup');

  common(invitations.command('list'))
    .description('newest first')
    .option('--limit <number>', 'how many, 200 at most', parseCount, 50)
    .option('--archived', 'the archived ones too')
    .action(async (flags: Flags & { limit: number; archived?: boolean }) => {
      const { config, log, terminal } = surround(flags);
      const { listInvitations } = await import('./commands/invitations.ts');
      await listInvitations(config, log, terminal, flags);
    });

  common(invitations.command('create'))
    .description('make an invitation and print its token, this once')
    .option('--name <name>', 'what it is for')
    .option('--token <token>', 'a token of your own')
    .option('--sign', 'good with its signature only (HEADWATER_SIGNING_SECRET)')
    .option('--uses <number>', 'how many seats', parseCount)
    .option('--expires <when>', 'a date, a span like 30d or 12h, or never (7d)')
    .option('--email <address>', 'whom it is for; may be given several times', add, [])
    .option('--url <url>', 'print the address of the sign-up with the token')
    .action(async (flags: Flags & CreateInvitationArguments) => {
      const { config, log, terminal } = surround(flags);
      const { createInvitation } = await import('./commands/invitations.ts');
      await createInvitation(config, log, terminal, flags);
    });

  common(invitations.command('renew'))
    .description('give it a new token, to send it again, and print that')
    .argument('<id>')
    .action(async (id: string, flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      const { renewInvitation } = await import('./commands/invitations.ts');
      await renewInvitation(config, log, terminal, id);
    });

  for (const [verb, description] of [
    ['revoke', 'let nobody in any more'],
    ['archive', 'take it out of the lists too; its history stays'],
  ] as const)
    common(invitations.command(verb))
      .description(description)
      .argument('<id>')
      .action(async (id: string, flags: Flags) => {
        const { config, log, terminal } = surround(flags);
        const { endInvitation } = await import('./commands/invitations.ts');
        await endInvitation(config, log, terminal, { id, verb });
      });

  common(invitations.command('cleanup'))
    .description('archive what has been expired for so long; what never expires stays')
    .option('--days <number>', '0 for everything that has expired', parseDays, 30)
    .action(async (flags: Flags & { days: number }) => {
      const { config, log, terminal } = surround(flags);
      const { cleanUpInvitations } = await import('./commands/invitations.ts');
      await cleanUpInvitations(config, log, terminal, flags.days);
    });
}

/** `headwater codes …` */
export function addCodes(program: Command, common: Common, surround: Surround): void {
  const codes = program
    .command('codes')
    .description('referral codes: list, create, stats, archive, rewards');

  common(codes.command('list'))
    .description('newest first')
    .option('--limit <number>', 'how many, 200 at most', parseCount, 50)
    .action(async (flags: Flags & { limit: number }) => {
      const { config, log, terminal } = surround(flags);
      const { listCodes } = await import('./commands/codes.ts');
      await listCodes(config, log, terminal, flags);
    });

  common(codes.command('create'))
    .description('make a code: one of your own, or five random characters')
    .option('--code <code>', '3 to 50 letters, digits, - or _')
    .option('--description <text>')
    .option('--uses <number>', "how often it can be used (the workspace's limit)", parseCount)
    .option('--creator <user>', 'the user who made it')
    .option('--beneficiary <user>', 'the user who refers whoever redeems it')
    .action(async (flags: Flags & CreateCodeArguments) => {
      const { config, log, terminal } = surround(flags);
      const { createCode } = await import('./commands/codes.ts');
      await createCode(config, log, terminal, flags);
    });

  common(codes.command('stats'))
    .description('how often a code was used, and by whom last')
    .argument('<id>')
    .action(async (id: string, flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      const { showCodeStats } = await import('./commands/codes.ts');
      await showCodeStats(config, log, terminal, id);
    });

  common(codes.command('archive'))
    .description('take a code away; its redemptions stay')
    .argument('<id>')
    .action(async (id: string, flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      const { archiveCode } = await import('./commands/codes.ts');
      await archiveCode(config, log, terminal, id);
    });

  addRewards(codes, common, surround);
}

function add(value: string, before: string[]): string[] {
  return [...before, value];
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('A whole number from 1 on.');
  return Number(text);
}

function parseDays(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('A whole number of days.');
  return Number(text);
}
