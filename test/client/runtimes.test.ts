import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { createFakeServer, type ReceivedRequest } from '@headwater/client/testing';
import { listen } from '@headwater/client/testing/node';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';

const bin = join(import.meta.dirname, '..', '..', 'node_modules', '.bin');
const folder = await mkdtemp(join(tmpdir(), 'headwater-runtimes-'));
afterAll(() => rm(folder, { recursive: true }));
const run = promisify(execFile);

/** The round with these lines after it, as one file. */
async function bundle(lines: string, options: { format?: 'iife' } = {}): Promise<string> {
  const contents = `import { runRound } from './runtime-round.ts';\n${lines}`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['headwater-source'],
    write: false,
    ...options,
  });
  return outputFiles[0]?.text ?? '';
}

async function openEndpoint() {
  const fake = createFakeServer();
  const typeOf = ({ body }: ReceivedRequest) => (body as { event_type?: string }).event_type;
  const answer = fake.receive.bind(fake);
  const server = await listen({
    ...fake,
    receive(request) {
      const accepted = answer(request);
      if (typeOf(request) === 'unanswered') return 'silence';
      if (typeOf(request) !== 'redirected') return accepted;
      return { status: 302, headers: { Location: '/elsewhere' } };
    },
  });
  return Object.assign(server, { requests: fake.requests });
}

function expectRound(round: unknown, requests: readonly ReceivedRequest[]): void {
  expect(round).toMatchObject({
    flushed: { delivered: 2, failed: 0, waiting: 0 },
    accepted: { ok: true, value: { statusCode: 202, attempts: 1, duplicate: false } },
    redirected: { ok: false, error: { type: 'unexpected_response' } },
    late: {
      ok: false,
      error: {
        type: 'connection_error',
        message: expect.stringContaining('timed out after 100 ms'),
      },
    },
    retried: { ok: true, value: { attempts: 4 } },
  });
  expect(requests.map(({ path }) => path)).toEqual([
    '/api/v1/tracking/events/batch',
    ...Array<string>(3).fill('/api/v1/tracking/events'),
  ]);
  expect(requests[0]?.headers['authorization']).toBe('Bearer key');
}

describe('the client runs on', () => {
  it.each([
    ['Node', process.execPath, []],
    ['Bun', join(bin, 'bun'), ['run']],
    ['Deno', join(bin, 'deno'), ['run', '--allow-net']],
  ])('%s', async (name, command, args) => {
    await using endpoint = await openEndpoint();
    const file = join(folder, `${name}.mjs`);
    const lines = `console.log(JSON.stringify(await runRound(${JSON.stringify(endpoint.baseUrl)})));`;
    await writeFile(file, await bundle(lines));
    const { stdout } = await run(command, [...args, file], { timeout: 50_000 });
    expectRound(JSON.parse(stdout), endpoint.requests);
  });

  it('Workers', async () => {
    await using endpoint = await openEndpoint();
    const lines = `export default { fetch: async () => Response.json(await runRound(${JSON.stringify(endpoint.baseUrl)})) };`;
    await writeFile(join(folder, 'worker.js'), await bundle(lines));
    await writeFile(join(folder, 'worker.capnp'), workerConfig);
    const args = ['serve', join(folder, 'worker.capnp'), '--control-fd=3'];
    const worker = spawn(join(bin, 'workerd'), args, {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    });
    try {
      const [message] = (await once(worker.stdio[3]!, 'data')) as [Buffer];
      const { port } = JSON.parse(message.toString()) as { port: number };
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      expectRound(await answer.json(), endpoint.requests);
    } finally {
      worker.kill();
      await once(worker, 'exit');
    }
  });

  it('a browser', async () => {
    await using endpoint = await openEndpoint();
    const script = await bundle('Object.assign(globalThis, { runRound });', { format: 'iife' });
    await using browser = await launchBrowser();
    const page = await browser.newPage();
    await page.route('**/page', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
    await page.goto(`${endpoint.baseUrl}/page`);
    await page.addScriptTag({ content: script });
    const round = await page.evaluate(
      (baseUrl) =>
        (globalThis as unknown as { runRound(baseUrl: string): Promise<unknown> }).runRound(
          baseUrl,
        ),
      endpoint.baseUrl,
    );
    expectRound(round, endpoint.requests);
  });
});

/** https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
const workerConfig = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
);
`;
