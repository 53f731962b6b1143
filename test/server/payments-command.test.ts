import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { runCommand, startCommand } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-payments-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const variables = {
  HEADWATER_DATA: join(folder, 'data'),
  HEADWATER_PUBLIC_URL: 'https://shop.example',
};
const run = (...args: string[]) => runCommand(['payments', ...args], variables);

it('headwater payments makes a source, takes its secret, shows what arrived and archives it', async () => {
  const made = await run('create', 'stripe', '--name', 'Our shop', '--mode', 'test', '--json');
  expect(made.code).toBe(0);
  const source = JSON.parse(made.stdout) as { id: string; url: string };
  expect(source).toMatchObject({ provider: 'stripe', name: 'Our shop', mode: 'test' });
  expect(source.url).toMatch(/^https:\/\/shop\.example\/hw\/payments\/[\w-]+\/[\w-]+$/);

  const secret = startCommand(['payments', 'secret', source.id], variables);
  secret.child.stdin!.end('whsec_of_the_shop\n');
  const taken = await secret.ended;
  expect(taken).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Our shop takes/) });
  expect(taken.stdout + taken.stderr).not.toContain('whsec');

  const { stdout } = await run('list');
  expect(stdout).toContain(source.url);
  expect((await run('messages', source.id)).stdout.trim()).toBe('Nothing has arrived.');
  expect((await run('messages', source.id, '--status', 'lost')).code).toBe(2);
  expect((await run('archive', source.id)).stdout.trim()).toBe('Our shop is archived.');
  expect((await run('list')).stdout).toContain('There are no payment sources.');
  const unknown = await run('create', 'paypal');
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('provider must be')]);
}, 180_000);
