/** The packages as npm would give them to somebody: packed, and installed in an empty folder. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const packages = ['engine', 'browser', 'client', 'dashboard', 'server'];

type Env = Readonly<Record<string, string>>;

export interface Installed extends AsyncDisposable {
  readonly folder: string;
  /** Copies an example there and starts it, once it answers. */
  start(example: string, env?: Env): Promise<{ readonly origin: string; stop(): Promise<void> }>;
  /** The same with an application of Next.js, which is built first. */
  startNext(example: string): Promise<{ readonly origin: string; stop(): Promise<void> }>;
  /** Writes an application as a guide has it, on port 3000 there, and starts it, once it answers. */
  startWritten(
    name: string,
    files: Readonly<Record<string, string>>,
    command: readonly [string, ...string[]],
  ): Promise<{ readonly origin: string; stop(): Promise<void> }>;
  /** Starts the command `headwater serve`. */
  serve(): Promise<{ readonly origin: string; readonly key: string; stop(): Promise<void> }>;
}

/** @param dependencies what the examples need beside our packages, as in `express@5` */
export async function installPacked(dependencies: readonly string[]): Promise<Installed> {
  const folder = await fs.mkdtemp(join(tmpdir(), 'headwater-packed-'));
  const tarballs: string[] = [];
  for (const name of packages) {
    const args = ['pack', '--json', '--pack-destination', folder, '-w', `packages/${name}`];
    const { stdout } = await run('npm', args, { cwd: root });
    const [packed] = JSON.parse(stdout) as [{ filename: string }];
    tarballs.push(`./${packed.filename.replace('@', '').replace('/', '-')}`);
  }
  await fs.writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const install = ['install', '--no-audit', '--no-fund', ...tarballs, ...dependencies];
  await run('npm', install, { cwd: folder, timeout: 300_000 });

  const children: ChildProcess[] = [];

  async function copy(example: string): Promise<string> {
    const cwd = join(folder, example);
    await fs.cp(join(root, 'examples', example), cwd, { recursive: true });
    return cwd;
  }

  async function launch(args: readonly string[], cwd: string, env: Env = {}, exitCode = 0) {
    const port = await freePort();
    return begin([process.execPath, ...args], cwd, { PORT: String(port), ...env }, port, [
      exitCode,
      null,
    ]);
  }

  async function begin(
    [program, ...args]: readonly [string, ...string[]],
    cwd: string,
    env: Env,
    port: number,
    ending: readonly [number | null, string | null],
  ) {
    const child = spawn(program, args, {
      cwd,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const exit = once(child, 'exit');
    const origin = `http://localhost:${port}`;
    const status = (): Promise<number> =>
      fetch(origin).then(
        (answer) => answer.status,
        () => (child.exitCode === null ? 0 : -1),
      );
    await expect.poll(status, { timeout: 60_000, interval: 100 }).toBe(200);
    return {
      origin,
      printed: () => printed,
      async stop() {
        child.kill('SIGTERM');
        expect(await exit).toEqual(ending);
      },
    };
  }

  return {
    folder,
    async start(example, env) {
      return launch(['server.ts'], await copy(example), env);
    },
    async startNext(example) {
      const cwd = await copy(example);
      const next = join(folder, 'node_modules', 'next', 'dist', 'bin', 'next');
      const env = {
        NEXT_TELEMETRY_DISABLED: '1',
        HEADWATER_SECRET: randomBytes(32).toString('base64url'),
      };
      // The secret comes with the start: a build opens no database.
      const quiet = { PATH: process.env['PATH'], NEXT_TELEMETRY_DISABLED: '1' };
      await run(process.execPath, [next, 'build'], { cwd, env: quiet, timeout: 240_000 });
      // Next.js ends itself when it is told to: 128 and the number of SIGTERM.
      return launch([next, 'start'], cwd, env, 143);
    },
    async startWritten(name, files, command) {
      const cwd = join(folder, name);
      const port = await freePort();
      await fs.mkdir(cwd);
      for (const [file, text] of Object.entries(files))
        await fs.writeFile(join(cwd, file), text.replaceAll('3000', String(port)));
      // Without a word about signals in it, a program is ended by them.
      return begin(command, cwd, {}, port, [null, 'SIGTERM']);
    },
    async serve() {
      const cwd = join(folder, 'served');
      await fs.mkdir(cwd);
      const bin = join(folder, 'node_modules', '@headwater', 'server', 'bin', 'headwater.js');
      const started = await launch([bin, 'serve', '--json'], cwd);
      const { secret_key: key } = JSON.parse(started.printed()) as { secret_key: string };
      return { ...started, key };
    },
    async [Symbol.asyncDispose]() {
      // After a failure one may still be there.
      for (const child of children) child.kill('SIGKILL');
      await fs.rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0);
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}
