import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const example = join(root, 'examples', 'mount-node', 'server.ts');

it('is in the README word by word', () => {
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(
    `\`\`\`ts\n${readFileSync(example, 'utf8')}\`\`\``,
  );
});

it('serves the application and Headwater from one port, and ends with SIGTERM', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-mount-'));
  const port = await freePort();
  const child = spawn(process.execPath, ['--conditions=headwater-source', example], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exit = once(child, 'exit');
  try {
    const get = (path: string): Promise<Response> =>
      fetch(`http://localhost:${port}${path}`, { redirect: 'manual' });
    await expect
      .poll(
        () =>
          get('/').then(
            (answer) => answer.status,
            () => 0,
          ),
        { timeout: 30_000 },
      )
      .toBe(200);

    expect(await (await get('/')).text()).toBe("The application's own page\n");
    expect(await (await get('/pricing')).text()).toBe("The application's own page\n");
    expect(await (await get('/hw/openapi.json')).json()).toMatchObject({
      openapi: expect.stringMatching(/^3\.1/) as string,
    });
    expect((await get('/hw/api/links')).status).toBe(503);
    const beacon = await fetch(`http://localhost:${port}/hw/t/event`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Mozilla/5.0 Firefox/140.0' },
      body: JSON.stringify({ event_type: 'pageview', url: `http://localhost:${port}/pricing` }),
    });
    expect(await beacon.json()).toMatchObject({ status: 'ok' });
  } finally {
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    rmSync(folder, { recursive: true });
  }
});

async function freePort(): Promise<number> {
  const listener = createServer().listen(0);
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}
