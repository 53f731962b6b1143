import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { runCommand, startCommand } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-links-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const variables = { HEADWATER_DATA: join(folder, 'data') };
const run = (...args: string[]) => runCommand(args, variables);

it('headwater imports links, exports them, and serves a signed snapshot of them without a database', async () => {
  const file = join(folder, 'bitly.json');
  const link = (id: string, url: string) => ({
    id: `bit.ly/${id}`,
    link: `https://bit.ly/${id}`,
    long_url: url,
    tags: ['old'],
  });
  writeFileSync(
    file,
    JSON.stringify({ links: [link('one', 'https://example.com/1'), link('two', 'nowhere')] }),
  );
  const importing = ['import', 'links', '--from', 'bitly', '--domain', 'go.example', file];

  const dry = await run(...importing, '--dry-run');
  expect(dry.code).toBe(1);
  expect(dry.stdout).toMatch(/^1 +created +go\.example\/one/m);
  expect(dry.stdout).toMatch(/^2 +refused +go\.example\/two +url must be an http or https URL/m);
  expect(dry.stdout).toContain('would be: 1 created');
  const real = await run(...importing, '--json');
  expect(JSON.parse(real.stdout)).toMatchObject({ created: 1, refused: 1, dry_run: false });
  expect((await run(...importing)).stdout).toContain('1 skipped, 1 refused');

  expect((await run('links', 'tags', '--rename', 'old=new')).stdout).toMatch(/^new +1$/m);
  expect((await run('audit', '--action', 'link.updated')).stdout).toMatch(
    /command line +link\.updated .*tags$/m,
  );
  const nginx = await run('links', 'export', '--format', 'nginx');
  expect(nginx.stdout).toContain('"https://example.com/1";');

  const snapshot = join(folder, 'links.ndjson');
  expect((await run('links', 'export', '--format', 'snapshot', '--out', snapshot)).code).toBe(0);
  const changed = join(folder, 'changed.ndjson');
  writeFileSync(changed, readFileSync(snapshot, 'utf8').replace('example.com/1', 'evil.test/1'));
  const refused = await run('serve', '--snapshot', changed);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('was changed')]);

  const server = startCommand(
    ['serve', '--snapshot', snapshot, '--port', '0', '--json'],
    variables,
  );
  try {
    const first = await new Promise<string>((resolve) => {
      server.child.stdout!.once('data', (data: Buffer) => resolve(data.toString()));
    });
    const { port, links } = JSON.parse(first) as { port: number; links: number };
    expect(links).toBe(1);
    const { request } = await import('node:http');
    const location = await new Promise((resolve, reject) => {
      request({ port, path: '/one', headers: { host: 'go.example' } }, (answer) => {
        answer.resume();
        resolve([answer.statusCode, answer.headers.location]);
      })
        .on('error', reject)
        .end();
    });
    expect(location).toEqual([302, 'https://example.com/1']);
  } finally {
    server.child.kill('SIGTERM');
  }
}, 240_000);
