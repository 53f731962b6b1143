import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type { DispatchFlags } from './commands/dispatches.ts';
import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';
import type { Terminal } from './terminal.ts';

interface CommonFlags {
  readonly data?: string;
  readonly json?: boolean;
  readonly workspace?: string;
}

type Surround = (flags: CommonFlags) => { config: ServerConfig; log: Log; terminal: Terminal };

/** `headwater connectors …` */
export function addConnectors(
  program: Command,
  common: (command: Command) => Command,
  surround: Surround,
): void {
  const connectors = program
    .command('connectors')
    .description('conversion APIs of ad platforms: list, enable, disable, credentials, resume');
  const inWorkspace = (command: Command): Command =>
    common(command).option('--workspace <workspace>', 'id or slug; the first one without it');
  const commands = () => import('./commands/connectors.ts');

  inWorkspace(connectors.command('list'))
    .description('every connector, and what keeps it from sending')
    .action(async (flags: CommonFlags) => {
      await (await commands()).listConnectors(surround(flags), flags);
    });

  inWorkspace(connectors.command('enable'))
    .description('send conversions to a platform from now on')
    .argument('<type>', 'as the list has it: meta, google, …')
    .option('--events <list>', 'only these: lead,sale,registration,refund')
    .option('--set <setting>', 'name=value; may be given several times', addSetting, {})
    .option('--test', 'the platform only checks or shows what it is sent')
    .option('--no-test', 'it counts')
    .action(
      async (
        type: string,
        flags: CommonFlags & {
          events?: string;
          set: Readonly<Record<string, string>>;
          test?: boolean;
        },
      ) => {
        await (await commands()).enableConnector(surround(flags), flags, { type, ...flags });
      },
    );

  inWorkspace(connectors.command('disable'))
    .description('send nothing any more; what waits is skipped')
    .argument('<type>')
    .action(async (type: string, flags: CommonFlags) => {
      await (await commands()).disableConnector(surround(flags), flags, type);
    });

  inWorkspace(connectors.command('credentials'))
    .description('store credentials from standard input: one name=value on each line')
    .argument('<type>')
    .action(async (type: string, flags: CommonFlags) => {
      await (await commands()).putCredentials(surround(flags), flags, type);
    });

  inWorkspace(connectors.command('resume'))
    .description('go on after a pause')
    .argument('<type>')
    .action(async (type: string, flags: CommonFlags) => {
      await (await commands()).resumeConnector(surround(flags), flags, type);
    });

  inWorkspace(connectors.command('claims'))
    .description('what each platform will claim, against what the journeys say')
    .option('--last <days>', 'conversions of so many days', parseDays, 30)
    .action(async (flags: CommonFlags & { last: number }) => {
      await (await commands()).printClaims(surround(flags), flags, flags.last);
    });
}

/** `headwater dispatches …` */
export function addDispatches(
  program: Command,
  common: (command: Command) => Command,
  surround: Surround,
): void {
  const dispatches = program
    .command('dispatches')
    .description(
      'conversions on their way to ad platforms: list, show, replay, reconcile, deliver',
    );
  const inWorkspace = (command: Command): Command =>
    common(command).option('--workspace <workspace>', 'id or slug; the first one without it');
  const filtered = (command: Command): Command =>
    inWorkspace(command)
      .option('--connector <type>', 'only of this one')
      .option('--status <status>', 'pending, sending, delivered, failed or skipped')
      .option('--reason <reason>', 'why it was skipped or has failed')
      .option('--from <time>', 'of conversions from then on', parseTime)
      .option('--to <time>', 'of conversions before that', parseTime);
  const commands = () => import('./commands/dispatches.ts');

  filtered(dispatches.command('list'))
    .description('the newest ones')
    .option('--limit <rows>', 'at most 200', parseDays, 50)
    .action(async (flags: CommonFlags & DispatchFlags & { limit: number }) => {
      await (await commands()).listDispatches(surround(flags), flags);
    });

  filtered(dispatches.command('summary'))
    .description('how many there are, by connector, status and reason')
    .action(async (flags: CommonFlags & DispatchFlags) => {
      await (await commands()).summariseDispatches(surround(flags), flags);
    });

  inWorkspace(dispatches.command('show'))
    .description('one with its attempts, and what it would send now')
    .argument('<id>')
    .action(async (id: string, flags: CommonFlags) => {
      await (await commands()).showDispatch(surround(flags), flags, id);
    });

  filtered(dispatches.command('replay'))
    .description('send again under the same event ids: what has failed or was skipped, or --status')
    .option('--id <ids...>', 'these and no others')
    .option('--preview', 'only count them')
    .action(async (flags: CommonFlags & DispatchFlags & { id?: string[]; preview?: boolean }) => {
      await (await commands()).replayDispatches(surround(flags), flags);
    });

  inWorkspace(dispatches.command('reconcile'))
    .description('plan conversions that were never planned')
    .option('--since <time>', 'also from before the connector was switched on', parseTime)
    .action(async (flags: CommonFlags & { since?: Date }) => {
      await (await commands()).reconcileDispatches(surround(flags), flags);
    });

  common(dispatches.command('deliver'))
    .description('send what is due now; a running server does it by itself')
    .action(async (flags: CommonFlags) => {
      await (await commands()).deliverDispatches(surround(flags));
    });
}

function addSetting(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const match = /^([a-z0-9_]+)=(.*)$/s.exec(text);
  if (match === null) throw new InvalidArgumentError('name=value.');
  return { ...before, [match[1]!]: match[2]! };
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
