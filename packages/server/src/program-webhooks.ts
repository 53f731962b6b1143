import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type { CreateWebhookArguments } from './commands/webhooks.ts';
import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';
import type { Terminal } from './terminal.ts';

interface Flags {
  readonly data?: string;
  readonly json?: boolean;
}

type Common = (command: Command) => Command;
type Surround = (flags: Flags) => { config: ServerConfig; log: Log; terminal: Terminal };

/** `headwater webhooks …` */
export function addWebhooks(program: Command, common: Common, surround: Surround): void {
  const webhooks = program
    .command('webhooks')
    .description('webhooks: list, create, test, deliveries, redeliver, enable, archive');

  common(webhooks.command('list'))
    .description('newest first, with what Headwater has disabled')
    .action(async (flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      const { listWebhooks } = await import('./commands/webhooks.ts');
      await listWebhooks(config, log, terminal);
    });

  common(webhooks.command('create'))
    .description('make a webhook and print its signing secret, this once')
    .argument('<url>', 'where messages go: https')
    .option('--type <type>', 'what it is told of; may be given several times (everything)', add, [])
    .option('--description <text>')
    .action(async (url: string, flags: Flags & CreateWebhookArguments) => {
      const { config, log, terminal } = surround(flags);
      const { createWebhook } = await import('./commands/webhooks.ts');
      await createWebhook(config, log, terminal, { ...flags, url });
    });

  for (const [verb, description] of [
    ['test', 'send a test message and print what becomes of it'],
    ['enable', 'take up again what Headwater or somebody has disabled'],
    ['archive', 'send it nothing any more'],
  ] as const)
    common(webhooks.command(verb))
      .description(description)
      .argument('<id>')
      .action(async (id: string, flags: Flags) => {
        const { config, log, terminal } = surround(flags);
        const { changeWebhook } = await import('./commands/webhooks.ts');
        await changeWebhook(config, log, terminal, { id, verb });
      });

  common(webhooks.command('deliveries'))
    .description('what was sent in the last 30 days, and what waits')
    .argument('<id>', 'of the webhook')
    .option('--status <status>', 'waiting, delivered or failed')
    .option('--limit <number>', 'how many, 200 at most', parseCount, 50)
    .action(async (id: string, flags: Flags & { status?: string; limit: number }) => {
      const { config, log, terminal } = surround(flags);
      const { listWebhookDeliveries } = await import('./commands/webhooks.ts');
      await listWebhookDeliveries(config, log, terminal, { ...flags, id });
    });

  common(webhooks.command('redeliver'))
    .description('send a delivery once more, under the same id')
    .argument('<delivery>')
    .action(async (id: string, flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      const { redeliverWebhook } = await import('./commands/webhooks.ts');
      await redeliverWebhook(config, log, terminal, id);
    });
}

function add(value: string, before: string[]): string[] {
  return [...before, value];
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('A whole number from 1 on.');
  return Number(text);
}
