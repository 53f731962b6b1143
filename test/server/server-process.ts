import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type Variables = Readonly<Record<string, string>>;

export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** Printed at the first start only. */
  readonly secretKey: string | undefined;
  /** Printed until there is an owner. */
  readonly ownerLink: string | undefined;
  readonly ready: boolean;
  readonly origin: string;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Ending>;
  /** What it has logged so far. */
  log(): string;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export const linkHost = 'go.example';

const serverPackage = join(import.meta.dirname, '../../packages/server');
const sources = join(serverPackage, 'src/cli.ts');
/** What `npm start` runs; `npm test` builds it. */
export const bundle = join(serverPackage, 'dist/bundle/cli.js');

/** Starts the real command, from its sources unless it is said otherwise, and waits until it listens. */
export async function startServer(variables: Variables, cli = sources): Promise<ServerProcess> {
  const settings = {
    PORT: '0',
    HOST: '127.0.0.1',
    HEADWATER_LINK_DOMAINS: linkHost,
    ...variables,
  };
  const child = spawnCommand(['serve', '--json'], settings, { cli });
  const log = collect(child.stderr);
  const ended = endingOf(child);
  const line = await Promise.race([
    once(createInterface({ input: child.stdout! }), 'line').then(([text]) => String(text)),
    ended.then(({ code }) => {
      throw new Error(`the server ended with ${code}: ${log()}`);
    }),
  ]);
  const listening = JSON.parse(line) as {
    port: number;
    ready: boolean;
    secret_key?: string;
    owner_link?: string;
  };
  return {
    pid: child.pid!,
    port: listening.port,
    secretKey: listening.secret_key,
    ownerLink: listening.owner_link,
    ready: listening.ready,
    origin: `http://127.0.0.1:${listening.port}`,
    signal: (name) => child.kill(name),
    ended,
    log,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export interface CommandResult extends Ending {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export function runCommand(
  args: readonly string[],
  variables: Variables = {},
): Promise<CommandResult> {
  return startCommand(args, variables, 'ignore').ended;
}

/** Begins a command that reads what it is given on its standard input. */
export function startCommand(
  args: readonly string[],
  variables: Variables = {},
  stdin: 'pipe' | 'ignore' = 'pipe',
): { readonly child: ChildProcess; readonly ended: Promise<CommandResult> } {
  const child = spawnCommand(args, variables, { stdin });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const ended = endingOf(child).then((ending) => ({
    ...ending,
    stdout: stdout(),
    stderr: stderr(),
  }));
  return { child, ended };
}

/** Waits until something is so, and says what was not when it takes too long. */
export async function eventually(
  what: string,
  holds: () => Promise<boolean> | boolean,
  seconds = 30,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A call of the REST API with the server's secret key. */
export async function callApi(
  server: Pick<ServerProcess, 'origin'>,
  key: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await fetch(`${server.origin}/hw/api/${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export async function readMetric(
  server: Pick<ServerProcess, 'origin'>,
  name: string,
): Promise<number> {
  const text = await (await fetch(`${server.origin}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

function spawnCommand(
  args: readonly string[],
  variables: Variables,
  { stdin = 'ignore', cli = sources }: { stdin?: 'pipe' | 'ignore'; cli?: string } = {},
): ChildProcess {
  const endWithStarter = join(import.meta.dirname, '../support/end-with-starter.ts');
  const flags = ['--conditions=headwater-source', '--import', endWithStarter];
  return spawn(process.execPath, [...flags, cli, ...args], {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: [stdin, 'pipe', 'pipe', 'pipe'],
  });
}

async function endingOf(child: ChildProcess): Promise<Ending> {
  const [code, signal] = (await once(child, 'close')) as [Ending['code'], Ending['signal']];
  return { code, signal };
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: string[] = [];
  stream?.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  return () => chunks.join('');
}
