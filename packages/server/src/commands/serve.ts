import { setTimeout as sleep } from 'node:timers/promises';

import { orThrow } from 'headwater';
import type { Headwater } from 'headwater';

import { openSignIn } from '../auth/open-sign-in.ts';
import type { SignIn } from '../auth/sign-in.ts';
import type { ServerConfig } from '../config.ts';
import { serveDemo } from '../demo/demo-routes.ts';
import { openDemo } from '../demo/open-demo.ts';
import { openEngine } from '../engine.ts';
import { CommandFailure, exitCodes, isUnreachable } from '../failure.ts';
import type { Log } from '../log.ts';
import { createServer } from '../server.ts';
import type { HeadwaterServer } from '../server.ts';
import { startTelemetry } from '../telemetry.ts';
import type { Terminal } from '../terminal.ts';

/** Together less than the 30 seconds that orchestrators give, also with four for telemetry. */
const requestPatienceMilliseconds = 10_000;
const closePatienceMilliseconds = 15_000;

/** Serves until a signal ends it; resolves when everything in flight is finished. */
export async function serve(config: ServerConfig, log: Log, terminal: Terminal): Promise<void> {
  const stop = signalled(log);
  const telemetry = await startTelemetry(config, log);
  const engine = { ...config.engine, telemetry: telemetry.options };
  const hw = await openEngine({ ...config, engine }, log, (request) =>
    signIn.authenticate(request),
  );
  const signIn: SignIn = openSignIn(hw, config, log);
  const demo = openDemo(signIn, config, log);
  let server: HeadwaterServer;
  let port: number;
  let first: FirstStart = {};
  let prepared: boolean;
  try {
    prepared = await prepare(hw, config, log);
    await hw.start();
    if (prepared) first = await prepareFirst(hw, signIn);
    server = createServer(hw, {
      basePath: config.basePath,
      logger: log,
      signIn,
      demo: serveDemo(demo, signIn.ground.neighbour, config.basePath),
    });
    port = await listen(server, config);
  } catch (error) {
    await hw.close();
    throw error;
  }
  announce(terminal, config, port, { first, prepared });
  if (!prepared) void keepPreparing(hw, signIn, { config, log, terminal, stop });

  const stopped = await Promise.race([stop.promise, hw.stopped]);
  log.info('stopping: no new connections, what is in flight is finished');
  await server.stop(requestPatienceMilliseconds);
  await demo.close();
  await signIn.close();
  await telemetry.flush();
  const closed = await Promise.race([
    hw.close().then(() => true),
    sleep(closePatienceMilliseconds, false, { ref: false }),
  ]);
  await telemetry.close();
  if (stopped !== undefined) throw new CommandFailure(stopped.message);
  if (!closed)
    throw new CommandFailure(
      'The database did not take what was in flight in time; the spool keeps the clicks.',
    );
  log.info('stopped');
}

interface Stop {
  readonly promise: Promise<void>;
  requested: boolean;
}

/** The first SIGTERM or SIGINT asks for an orderly end, the second one ends at once. */
function signalled(log: Log): Stop {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop: Stop = { promise, requested: false };
  for (const [signal, number] of [
    ['SIGTERM', 15],
    ['SIGINT', 2],
  ] as const) {
    process.on(signal, () => {
      if (stop.requested) {
        log.flush();
        process.exit(128 + number);
      }
      stop.requested = true;
      resolve();
    });
  }
  return stop;
}

/** `false` when PostgreSQL cannot be reached: known links are served from the snapshot until it can. */
async function prepare(hw: Headwater, config: ServerConfig, log: Log): Promise<boolean> {
  try {
    const { applied, version } = await hw.migrate();
    if (applied.length > 0) log.info('migrated', { applied, version });
    return true;
  } catch (error) {
    if (config.embedded || !isUnreachable(error)) throw error;
    log.error('the database cannot be reached: serving what the snapshot knows, and trying again', {
      error,
    });
    return false;
  }
}

async function keepPreparing(
  hw: Headwater,
  signIn: SignIn,
  {
    config,
    log,
    terminal,
    stop,
  }: {
    readonly config: ServerConfig;
    readonly log: Log;
    readonly terminal: Terminal;
    readonly stop: Stop;
  },
): Promise<void> {
  for (let attempt = 1; !stop.requested; attempt += 1) {
    await Promise.race([
      sleep(Math.min(5_000, attempt * 500), undefined, { ref: false }),
      stop.promise,
    ]);
    if (stop.requested) return;
    try {
      await hw.migrate();
      const first = await prepareFirst(hw, signIn);
      log.info('the database answers');
      printFirst(terminal, config, first);
      return;
    } catch (error) {
      // A schema that this version cannot use stays an error of `/readyz` and of every attempt in the log.
      if (!isUnreachable(error) || attempt % 12 === 0)
        log.error('the database is still not usable', { error });
    }
  }
}

/** What is told once: at the first start, and while nobody has taken it up. */
interface FirstStart {
  readonly key?: string | undefined;
  readonly ownerLink?: string | undefined;
}

async function prepareFirst(hw: Headwater, signIn: SignIn): Promise<FirstStart> {
  const key = await makeFirstKey(hw);
  return { key, ownerLink: await signIn.prepare() };
}

/** Without a key nobody could make the first one. */
async function makeFirstKey(hw: Headwater): Promise<string | undefined> {
  const keys = orThrow(await hw.apiKeys.list({ limit: 1 })).apiKeys;
  if (keys.length > 0) return undefined;
  const created = await hw.apiKeys.create({ kind: 'secret', name: 'First key', scopes: ['admin'] });
  return created.ok ? created.value.key : undefined;
}

async function listen(server: HeadwaterServer, config: ServerConfig): Promise<number> {
  try {
    return await server.listen(config.port, config.host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new CommandFailure(`Port ${config.port} is in use. Name another one: PORT=4401.`);
    if (code === 'EACCES')
      throw new CommandFailure(`Port ${config.port} may not be opened by this user.`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new CommandFailure(
        `HOST: this machine has no address ${config.host}.`,
        exitCodes.misused,
      );
    }
    throw error;
  }
}

function announce(
  terminal: Terminal,
  config: ServerConfig,
  port: number,
  { first, prepared }: { readonly first: FirstStart; readonly prepared: boolean },
): void {
  const address = config.publicUrl;
  if (terminal.json) {
    terminal.print(
      JSON.stringify({
        event: 'listening',
        address,
        port,
        pid: process.pid,
        data_folder: config.dataFolder,
        database: config.embedded ? 'embedded' : 'postgresql',
        ready: prepared,
        ...(first.key === undefined ? {} : { secret_key: first.key }),
        ...(first.ownerLink === undefined ? {} : { owner_link: first.ownerLink }),
      }),
    );
    return;
  }
  terminal.print(`Headwater listens on ${address}`);
  terminal.print(
    `  data folder  ${config.dataFolder}${config.embedded ? ' (embedded database)' : ''}`,
  );
  terminal.print(`  dashboard    ${address}${config.basePath}/`);
  terminal.print(`  API          ${address}${config.basePath}/docs`);
  if (!prepared)
    terminal.print(
      '  The database cannot be reached. Known links are served; everything else waits for it.',
    );
  printFirst(terminal, config, first);
}

function printFirst(terminal: Terminal, config: ServerConfig, first: FirstStart): void {
  const { key, ownerLink } = first;
  if (terminal.json) {
    if (key !== undefined) terminal.print(JSON.stringify({ event: 'first_key', secret_key: key }));
    if (ownerLink !== undefined)
      terminal.print(JSON.stringify({ event: 'owner_link', owner_link: ownerLink }));
    return;
  }
  if (key !== undefined) printKey(terminal, config, key);
  if (ownerLink === undefined) return;
  terminal.print(`  owner link   ${ownerLink}`);
  terminal.print('               Makes the account of the owner. Good once, for a day.');
}

function printKey(terminal: Terminal, config: ServerConfig, key: string): void {
  terminal.print(`  secret key   ${key}`);
  terminal.print(
    `               Shown this once. Try: curl -H 'Authorization: Bearer …' ${config.publicUrl}${config.basePath}/api/links`,
  );
}
