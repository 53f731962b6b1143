import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { runCommand } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-projects-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const run = (...args: string[]) =>
  runCommand(['projects', ...args], { HEADWATER_DATA: join(folder, 'data') });

it('headwater projects makes, lists and archives them', async () => {
  const made = await run('create', 'my-startup', '--name', 'My startup', '--type', 'trial=lead');
  expect([made.code, made.stdout.trim()]).toEqual([0, 'Made my-startup.']);
  const { stdout } = await run('list');
  expect(stdout).toMatch(/^my-startup +My startup +user_registered +0$/m);
  expect(stdout).toMatch(/^ +trial +0$/m);
  const wrong = await run('create', 'another', '--type', 'trial=nothing');
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain('must say of each type one of');
  expect((await run('archive', 'my-startup', '--json')).stdout.trim()).toBe(
    '{"slug":"my-startup"}',
  );
  expect((await run('list')).stdout.trim()).toBe('There are no projects.');
}, 180_000);
