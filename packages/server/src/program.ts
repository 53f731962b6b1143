import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

import type { DownloadArguments } from './commands/geo.ts';
import { toConfig } from './config.ts';
import type { ServerConfig } from './config.ts';
import type { FunnelFlags } from './commands/funnels.ts';
import type { ReclassifyFlags } from './commands/reclassify.ts';
import type { PersonFlags } from './commands/privacy.ts';
import { readEnvironment } from './env.ts';
import { CommandFailure, exitCodes, explainFailure } from './failure.ts';
import { findFreePort } from './free-port.ts';
import { createLog, createScrubber } from './log.ts';
import type { Log } from './log.ts';
import { addAttribution } from './program-attribution.ts';
import { addConnectors, addDispatches } from './program-connectors.ts';
import { addAnalytics, addEvents } from './program-analytics.ts';
import { addImport } from './program-import.ts';
import { addCodes, addInvitations } from './program-invitations.ts';
import { addLinks } from './program-links.ts';
import { addFilters, addPeriod } from './program-period.ts';
import { addProjects } from './program-projects.ts';
import { addTeam } from './program-team.ts';
import { addPartners } from './program-partners.ts';
import { addPayments } from './program-payments.ts';
import { addWebhooks } from './program-webhooks.ts';
import { createTerminal } from './terminal.ts';
import type { Terminal } from './terminal.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Runs one command line and gives its exit code. */
export async function runCli(args: readonly string[], variables: Variables): Promise<number> {
  const program = createProgram(variables);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCodes.done : exitCodes.misused;
    const { message, expected } = explainFailure(error);
    const clean = createScrubber([
      variables['HEADWATER_SECRET'] ?? '',
      variables['HEADWATER_SIGNING_SECRET'] ?? '',
      variables['DATABASE_URL'] ?? '',
      variables['HEADWATER_REPLICA_URL'] ?? '',
      variables['MAXMIND_LICENSE_KEY'] ?? '',
      variables['OIDC_CLIENT_SECRET'] ?? '',
      variables['SMTP_URL'] ?? '',
    ]);
    const text = expected || !(error instanceof Error) ? message : (error.stack ?? message);
    process.stderr.write(`headwater: ${String(clean(text))}\n`);
    return error instanceof CommandFailure ? error.exitCode : exitCodes.failed;
  }
}

interface CommonFlags {
  readonly data?: string;
  readonly json?: boolean;
}

/** What every command is given: its settings, its log, its output. */
interface Surroundings {
  readonly config: ServerConfig;
  readonly log: Log;
  readonly terminal: Terminal;
}

function createProgram(variables: Variables): Command {
  const program = new Command('headwater')
    .description('Where each customer came from, and what every source is worth.')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      '\nThe environment configures it (docs/configuration.md). Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 130 stopped.',
    );

  const surround = (flags: CommonFlags, changes: Variables = {}): Surroundings => {
    const config = readConfig({
      ...variables,
      ...(flags.data === undefined ? {} : { HEADWATER_DATA: flags.data }),
      ...changes,
    });
    const log = createLog({
      level: config.settings.logLevel,
      confidential: config.settings.confidential,
    });
    if (config.unknown.length > 0)
      log.warn('settings that are not known', { names: config.unknown });
    return {
      config: config.settings,
      log,
      terminal: createTerminal({ json: flags.json === true }),
    };
  };

  addServe(program, surround, variables);
  addMigrate(program, surround, variables);
  addImport(program, common, surround);
  addAnalytics(program, common, surround);
  addEvents(program, common, surround);
  addKeys(program, surround);
  addInvitations(program, common, surround);
  addLinks(program, common, surround);
  addWebhooks(program, common, surround);
  addPayments(program, common, surround);
  addCodes(program, common, surround);
  addConnectors(program, common, surround);
  addDispatches(program, common, surround);
  addPartners(program, common, surround);
  addProjects(program, common, surround);
  addTeam(program, common, surround);
  addGeo(program, surround);
  addAttribution(program, common, surround);
  addExplain(program, surround);
  addFunnels(program, surround);
  addPrivacy(program, surround);
  addRebuild(program, surround);
  addReclassify(program, surround);
  addDoctor(program, surround);
  addMcp(program, surround, variables);
  return program;
}

type Surround = (flags: CommonFlags, changes?: Variables) => Surroundings;

function addServe(program: Command, surround: Surround, variables: Variables): void {
  common(program.command('serve', { isDefault: true }))
    .description('run the server (the default)')
    .option('--port <number>', 'listen on this port (PORT)')
    .option('--host <address>', 'listen on this address only (HOST)')
    .option('--snapshot <file>', 'serve the links of a signed snapshot, without a database')
    .action(async (flags: CommonFlags & { port?: string; host?: string; snapshot?: string }) => {
      const port = flags.port ?? variables['PORT'];
      const { config, log, terminal } = surround(flags, {
        PORT: port === '0' ? String(await findFreePort()) : port,
        ...(flags.host === undefined ? {} : { HOST: flags.host }),
      });
      if (flags.snapshot !== undefined) {
        const { serveSnapshot } = await import('./commands/serve-snapshot.ts');
        await serveSnapshot(config, log, terminal, flags.snapshot);
        return;
      }
      const { serve } = await import('./commands/serve.ts');
      await serve(config, log, terminal);
    });
}

function addMigrate(program: Command, surround: Surround, variables: Variables): void {
  common(program.command('migrate'))
    .description('bring the database to the schema of this version')
    .option('--print', 'print the SQL instead, for a migration tool of your own')
    .option('--distribute', 'spread the tables over the nodes of a Citus cluster, by workspace')
    .action(async (flags: CommonFlags & { print?: boolean; distribute?: boolean }) => {
      const { migrate, printMigrationSql } = await import('./commands/migrate.ts');
      if (flags.print === true) {
        const schema = variables['HEADWATER_SCHEMA'] ?? 'headwater';
        printMigrationSql(schema, createTerminal({ json: flags.json === true }), flags);
        return;
      }
      const { config, log, terminal } = surround(flags);
      await migrate(config, log, terminal, flags);
    });
}

function addMcp(program: Command, surround: Surround, variables: Variables): void {
  common(program.command('mcp'))
    .description('let a model read links, visitors and reports (Model Context Protocol, stdio)')
    .option('--url <url>', 'ask a server that runs, with its base path (HEADWATER_API_KEY)')
    .action(async (flags: CommonFlags & { url?: string }) => {
      const { config, log } = surround(flags);
      const { serveMcp } = await import('./commands/mcp.ts');
      await serveMcp(config, log, { ...flags, key: variables['HEADWATER_API_KEY'] });
    });
}

function addKeys(program: Command, surround: Surround): void {
  const keys = program.command('keys').description('API keys: list, create, rotate, revoke');

  common(keys.command('list'))
    .description('every key, newest first')
    .action(async (flags: CommonFlags) => {
      const { config, log, terminal } = surround(flags);
      const { listKeys } = await import('./commands/keys.ts');
      await listKeys(config, log, terminal);
    });

  common(keys.command('create'))
    .description('make a key and print it, this once')
    .addOption(
      new Option('--kind <kind>', 'secret for servers, publishable for pages')
        .choices(['secret', 'publishable'])
        .default('secret'),
    )
    .requiredOption('--name <name>', 'what it is for')
    .option(
      '--scope <scope>',
      'may be given several times: admin, read, write, events:write, tracking:write',
      collect,
      [],
    )
    .option(
      '--host <host>',
      'a host whose pages may use a publishable key; may be given several times',
      collect,
      [],
    )
    .option('--expires <when>', 'a date like 2027-01-31, or a span like 90d or 12h')
    .action(
      async (
        flags: CommonFlags & {
          kind: 'secret' | 'publishable';
          name: string;
          scope: string[];
          host: string[];
          expires?: string;
        },
      ) => {
        const { config, log, terminal } = surround(flags);
        const { createKey } = await import('./commands/keys.ts');
        await createKey(config, log, terminal, flags);
      },
    );

  common(keys.command('rotate'))
    .description('replace a key by a new one with the same rights')
    .argument('<id>')
    .option('--grace <hours>', 'how long the old key goes on working', parseHours, 24)
    .action(async (id: string, flags: CommonFlags & { grace: number }) => {
      const { config, log, terminal } = surround(flags);
      const { rotateKey } = await import('./commands/keys.ts');
      await rotateKey(config, log, terminal, { id, graceHours: flags.grace });
    });

  common(keys.command('revoke'))
    .description('end a key at once and for good')
    .argument('<id>')
    .action(async (id: string, flags: CommonFlags) => {
      const { config, log, terminal } = surround(flags);
      const { revokeKey } = await import('./commands/keys.ts');
      await revokeKey(config, log, terminal, id);
    });
}

function addGeo(program: Command, surround: Surround): void {
  const geo = program.command('geo').description('the database of places: download');

  common(geo.command('download'))
    .description(
      "fetch the latest database of cities from MaxMind, with your account's license key",
    )
    .option('--edition <name>', 'which database', 'GeoLite2-City')
    .option(
      '--to <file>',
      'where it is put (HEADWATER_GEO_FILE, else places.mmdb in the data folder)',
    )
    .option('--account-id <id>', 'your account at MaxMind (MAXMIND_ACCOUNT_ID)')
    .option(
      '--license-key <key>',
      'its license key; the environment is safer (MAXMIND_LICENSE_KEY)',
    )
    .option('--from <url>', 'a mirror with the same paths', 'https://download.maxmind.com')
    .option('--force', 'also where the latest release is there already')
    .action(async (flags: CommonFlags & DownloadArguments) => {
      const { config, terminal } = surround(flags);
      const { downloadPlaces } = await import('./commands/geo.ts');
      await downloadPlaces(config, terminal, flags);
    });
}

function addExplain(program: Command, surround: Surround): void {
  const explain = common(program.command('explain'))
    .description('say where an arrival comes from, and why; needs no database')
    .option('--url <url>', 'the address that somebody arrived at')
    .option('--referrer <url>', 'where the browser says that they came from')
    .option('--user-agent <text>', 'what the browser says that it is')
    .action(
      async (flags: CommonFlags & { url?: string; referrer?: string; userAgent?: string }) => {
        const { url, referrer, userAgent } = flags;
        if (url === undefined)
          throw new CommandFailure(
            '--url is required: what should be explained?',
            exitCodes.misused,
          );
        const { config, terminal } = surround(flags);
        const { explain: explainUrl } = await import('./commands/explain.ts');
        explainUrl(config, terminal, {
          url,
          ...(referrer !== undefined && { referrer }),
          ...(userAgent !== undefined && { userAgent }),
        });
      },
    );

  common(explain.command('log'))
    .description('say how people arrive in access logs, and what is decided; needs no database')
    .argument('<file...>', 'files, also packed by gzip; - is standard input')
    .option('--site <url>', 'scheme and host of the pages, where the lines do not name it')
    .action(async (files: string[], flags: CommonFlags & { site?: string }) => {
      const { config, terminal } = surround({ ...explain.opts(), ...flags });
      const { explainLogs } = await import('./commands/explain-log.ts');
      await explainLogs(config, terminal, { ...flags, files });
    });

  common(explain.command('conversion'))
    .description('say why a lead, sale or registration is credited as it is')
    .argument('<id>', 'the id of its event')
    .option('--models <list>', 'as in first_touch,linear')
    .action(async (id: string, flags: CommonFlags & { models?: string }) => {
      // The command that it belongs to has these options too, and may have taken them.
      const { config, log, terminal } = surround({ ...explain.opts(), ...flags });
      const { explainConversion } = await import('./commands/explain-conversion.ts');
      await explainConversion(config, log, terminal, { ...flags, id });
    });
}

function addFunnels(program: Command, surround: Surround): void {
  const funnels = program.command('funnels').description('how far people come: list, report');

  common(funnels.command('list'))
    .description('the stored funnels, newest first')
    .action(async (flags: CommonFlags) => {
      const { config, log, terminal } = surround(flags);
      const { listFunnels } = await import('./commands/funnels.ts');
      await listFunnels(config, log, terminal);
    });

  addFilters(addPeriod(common(funnels.command('report'))))
    .description('the people of each step of a stored funnel')
    .argument('<id>')
    .option('--dimension <dimension>', 'also by channel, source, country, device_type, …')
    .addOption(new Option('--format <format>', 'for other programs').choices(['csv', 'ndjson']))
    .action(async (id: string, flags: CommonFlags & FunnelFlags) => {
      const { config, log, terminal } = surround(flags);
      const { reportFunnel } = await import('./commands/funnels.ts');
      await reportFunnel(config, log, terminal, { id, flags });
    });
}

function addPrivacy(program: Command, surround: Surround): void {
  const privacy = program
    .command('privacy')
    .description('what is stored of people: export, forget, lift, statement');
  const ofPerson = (command: Command): Command =>
    common(command)
      .option('--external-id <id>', "the host application's own id")
      .option('--email <email>')
      .option('--phone <phone>')
      .option('--anonymous-id <id>', "the visitor cookie, or the page's own id");
  const visitor = '--visitor <id>';
  const visitorHelp = "the id of any of the person's visitors";

  ofPerson(privacy.command('export').option(visitor, visitorHelp))
    .description('everything that is stored of a person, as JSON')
    .option('--out <file>', 'write to a new file that only you can read')
    .action(async (flags: CommonFlags & PersonFlags & { out?: string }) => {
      const { config, log, terminal } = surround(flags);
      const { exportPerson } = await import('./commands/privacy.ts');
      await exportPerson(config, log, terminal, flags);
    });

  ofPerson(privacy.command('forget').option(visitor, visitorHelp))
    .description('erase a person from every table, and print the receipt')
    .action(async (flags: CommonFlags & PersonFlags) => {
      const { config, log, terminal } = surround(flags);
      const { forgetPerson } = await import('./commands/privacy.ts');
      await forgetPerson(config, log, terminal, flags);
    });

  ofPerson(privacy.command('lift'))
    .description('let somebody who was erased come back, at their own will')
    .action(async (flags: CommonFlags & PersonFlags) => {
      const { config, log, terminal } = surround(flags);
      const { liftErasure } = await import('./commands/privacy.ts');
      await liftErasure(config, log, terminal, flags);
    });

  common(privacy.command('statement'))
    .description('what is stored of people under the settings of the workspace')
    .action(async (flags: CommonFlags) => {
      const { config, log, terminal } = surround(flags);
      const { printStatement } = await import('./commands/privacy.ts');
      await printStatement(config, log, terminal);
    });
}

function addRebuild(program: Command, surround: Surround): void {
  common(program.command('rebuild'))
    .description('make people, visits, touches, credit and counters again, from the events')
    .option('--workspace <workspace>', 'id or slug; the first one without it')
    .action(async (flags: CommonFlags & { workspace?: string }) => {
      const { config, log, terminal } = surround(flags);
      const { rebuild } = await import('./commands/rebuild.ts');
      await rebuild(config, log, terminal, flags);
    });
}

function addReclassify(program: Command, surround: Surround): void {
  common(program.command('reclassify'))
    .description('classify the touches of the past anew, after rules have changed')
    .option('--workspace <workspace>', 'id or slug; the first one without it')
    .option('--from <time>', 'touches from then on: a day (UTC) or a time as in RFC 3339')
    .option('--to <time>', 'touches before then')
    .option('--dry-run', 'only count what would change')
    .action(async (flags: CommonFlags & ReclassifyFlags) => {
      const { config, log, terminal } = surround(flags);
      const { reclassify } = await import('./commands/reclassify.ts');
      await reclassify(config, log, terminal, flags);
    });
}

function addDoctor(program: Command, surround: Surround): void {
  common(program.command('doctor'))
    .description('check settings, folder, database and spool; fails when something is wrong')
    .action(async (flags: CommonFlags) => {
      const { config, log, terminal } = surround(flags);
      const { doctor } = await import('./commands/doctor.ts');
      await doctor(config, log, terminal);
    });
}

function common(command: Command): Command {
  return command
    .option('--data <folder>', 'the data folder (HEADWATER_DATA)')
    .option('--json', 'print results as JSON')
    .allowExcessArguments(false);
}

function readConfig(variables: Variables): {
  readonly settings: ServerConfig;
  readonly unknown: readonly string[];
} {
  const result = readEnvironment(variables);
  if (!result.ok) {
    throw new CommandFailure(
      `these settings cannot be used:\n${result.problems.map((problem) => `  ${problem}`).join('\n')}`,
      exitCodes.misused,
    );
  }
  return { settings: toConfig(result.environment), unknown: result.unknown };
}

function collect(value: string, before: string[]): string[] {
  return [
    ...before,
    ...value
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  ];
}

function parseHours(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('A whole number of hours.');
  return Number(text);
}
