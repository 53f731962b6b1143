import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';

import type { CreatePaymentSourceArguments, PaymentStatus } from './commands/payments.ts';
import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';
import type { Terminal } from './terminal.ts';

interface Flags {
  readonly data?: string;
  readonly json?: boolean;
}

type Common = (command: Command) => Command;
type Surround = (flags: Flags) => { config: ServerConfig; log: Log; terminal: Terminal };

/** `headwater payments …` */
export function addPayments(program: Command, common: Common, surround: Surround): void {
  const payments = program
    .command('payments')
    .description('payment sources: list, create, secret, messages, archive');

  common(payments.command('list'))
    .description('newest first, with the address that the provider is told')
    .action(async (flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      const { listPayments } = await import('./commands/payments.ts');
      await listPayments(config, log, terminal);
    });

  common(payments.command('create'))
    .description('make an address at which messages of a provider arrive, and print it')
    .argument('<provider>', 'stripe')
    .option('--name <text>')
    .addOption(
      new Option('--mode <mode>', 'whose messages count').choices(['live', 'test']).default('live'),
    )
    .option('--ignore-payer-reference', "do not believe what the payer's browser says of who pays")
    .action(async (provider: string, flags: Flags & CreatePaymentSourceArguments) => {
      const { config, log, terminal } = surround(flags);
      const { createPayments } = await import('./commands/payments.ts');
      await createPayments(config, log, terminal, { ...flags, provider });
    });

  common(payments.command('secret'))
    .description('read the signing secret of the provider; the one before counts for a day more')
    .argument('<id>', 'of the payment source')
    .action(async (id: string, flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      const { setPaymentSecret } = await import('./commands/payments.ts');
      await setPaymentSecret(config, log, terminal, id);
    });

  common(payments.command('messages'))
    .description('what has arrived and what became of it, newest first')
    .argument('<id>', 'of the payment source')
    .addOption(new Option('--status <status>').choices(['waiting', 'applied', 'ignored', 'failed']))
    .option('--limit <number>', 'how many, 200 at most', parseCount, 50)
    .option('--cursor <cursor>', 'goes on where the page before has ended')
    .action(
      async (
        id: string,
        flags: Flags & { status?: PaymentStatus; limit: number; cursor?: string },
      ) => {
        const { config, log, terminal } = surround(flags);
        const { listPaymentLog } = await import('./commands/payments.ts');
        await listPaymentLog(config, log, terminal, { ...flags, id });
      },
    );

  common(payments.command('archive'))
    .description('nothing that arrives there counts any more')
    .argument('<id>', 'of the payment source')
    .action(async (id: string, flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      const { archivePayments } = await import('./commands/payments.ts');
      await archivePayments(config, log, terminal, id);
    });
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('A whole number from 1 on.');
  return Number(text);
}
