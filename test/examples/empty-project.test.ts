/** What somebody meets who has an empty folder, npm and the guide. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { installPacked } from './packed.ts';
import type { Installed } from './packed.ts';
import { person } from './person.ts';

const root = join(import.meta.dirname, '..', '..');
const bin = join(root, 'node_modules', '.bin');
const run = promisify(execFile);
const readJson = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | object>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const { devDependencies } = readJson('package.json');
const needed = ['express', 'fastify', 'hono', '@hono/node-server', '@types/node', '@types/express'];

let installed: Installed;
let browser: Browser;
beforeAll(async () => {
  [installed, browser] = await Promise.all([
    installPacked(needed.map((name) => `${name}@${devDependencies[name]}`)),
    launchBrowser(),
  ]);
}, 400_000);
afterAll(async () => {
  await browser?.close();
  await installed?.[Symbol.asyncDispose]();
});

const guide = readFileSync(join(root, 'docs', 'getting-started.md'), 'utf8');
/** The files of the guide, by the heading that they stand below. */
const files = new Map(
  guide.split(/^#+ /m).map((section) => {
    const [heading = ''] = section.split('\n', 1);
    const [, name = '', text = ''] =
      /^```ts[^\n]*\n\/\/ ([\w.]+)\n(.*?)^```$/ms.exec(section) ?? [];
    return [heading, { name, text }] as const;
  }),
);
const engine = files.get('The engine')!;

describe('docs/getting-started.md', () => {
  it.each([
    ['Express', process.execPath],
    ['Fastify', process.execPath],
    ['Hono', process.execPath],
    ['node:http', process.execPath],
    ['Bun', join(bin, 'bun')],
  ])(
    'leads to an application in %s that knows where its visitors come from',
    async (name, program) => {
      const server = files.get(name)!;
      const application = await installed.startWritten(
        name.replace(':', '-').toLowerCase(),
        { [engine.name]: engine.text, [server.name]: server.text },
        [program, server.name],
      );
      const context = await browser.newContext(person);
      const page = await context.newPage();
      await page.goto(`${application.origin}/?utm_source=me`);
      const sources = async (): Promise<unknown> =>
        (await fetch(`${application.origin}/sources`)).json();
      await expect.poll(sources, { timeout: 20_000 }).toMatchObject([{ value: 'me' }]);
      await context.close();
      await application.stop();
    },
    120_000,
  );

  it('has files that a strict compiler takes', async () => {
    const types = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext'];
    const names: string[] = [];
    await writeFile(join(installed.folder, engine.name), engine.text);
    for (const [heading, { name, text }] of files) {
      if (name !== 'server.ts' || heading === 'Bun') continue;
      names.push(`${heading.replace(':', '-')}.ts`);
      await writeFile(join(installed.folder, names.at(-1)!), text);
    }
    const allowed = ['--allowImportingTsExtensions', '--skipLibCheck', '--types', 'node'];
    const { stdout } = await run(join(bin, 'tsc'), [...types, ...allowed, ...names], {
      cwd: installed.folder,
    });
    expect(stdout).toBe('');
  }, 120_000);
});

describe('in an empty project', () => {
  it.each(['engine', 'browser', 'client', 'server'])(
    'every door of packages/%s opens',
    async (folder) => {
      const { name, exports } = readJson(`packages/${folder}/package.json`);
      const doors = Object.entries(exports)
        .filter(([, target]) => typeof target === 'object')
        .map(([door]) => name + door.slice(1));
      const program = `for (const door of ${JSON.stringify(doors)}) if (Object.keys(await import(door)).length === 0) throw new Error(door);`;
      await expect(runProgram(process.execPath, [], program)).resolves.toBe('');
    },
    60_000,
  );

  it.each([
    ['Node', process.execPath, []],
    ['Bun', join(bin, 'bun'), ['run']],
    ['Deno', join(bin, 'deno'), ['run', '--allow-read', '--node-modules-dir=manual']],
  ])(
    'the client tracks on %s',
    async (_, program, args) => {
      const printed = await runProgram(
        program,
        args,
        `import { createTracking } from '@headwater/client';
       import { createFakeServer, createFakeTime } from '@headwater/client/testing';
       const { fetch } = createFakeServer(503);
       const time = createFakeTime();
       const tracking = createTracking({ apiKey: 'key', project: 'shop', baseUrl: 'https://shop.test', fetch, time });
       const result = await time.finish(tracking.trackRegistration({ userId: 1 }));
       console.log(result.ok, result.value.attempts);`,
      );
      expect(printed).toBe('true 2\n');
    },
    60_000,
  );
});

let programs = 0;

async function runProgram(program: string, args: readonly string[], text: string): Promise<string> {
  const file = join(installed.folder, `program-${programs++}.mjs`);
  await writeFile(file, text);
  const { stdout } = await run(program, [...args, file], {
    cwd: installed.folder,
    timeout: 50_000,
  });
  return stdout;
}
