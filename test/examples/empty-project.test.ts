/** What somebody meets who has an empty folder, npm and the guide. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
const needed = [
  'express',
  'fastify',
  'hono',
  '@hono/node-server',
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-express',
  'reflect-metadata',
  'rxjs',
  '@types/node',
  '@types/express',
];

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
}, 60_000);

const guide = readFileSync(join(root, 'docs', 'getting-started.md'), 'utf8');
/** The files of the guide, by the heading that they stand below. */
const files = new Map(
  guide.split(/^#+ /m).map((section) => {
    const [heading = ''] = section.split('\n', 1);
    const written = section.matchAll(/^```ts[^\n]*\n\/\/ ([\w./[\]]+)\n(.*?)^```$/gms);
    return [heading, Array.from(written, ([, name = '', text = '']) => ({ name, text }))] as const;
  }),
);
const [engine] = files.get('The engine') as [GuideFile];
interface GuideFile {
  readonly name: string;
  readonly text: string;
}

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
      const [server] = files.get(name) as [GuideFile];
      const application = await installed.startWritten(
        name.replace(':', '-').toLowerCase(),
        { [engine.name]: engine.text, [server.name]: server.text },
        [program, server.name],
      );
      await expectSources(application);
    },
    120_000,
  );

  it('leads to one in NestJS, by its compiler', async () => {
    const folder = await mkdtemp(join(installed.folder, 'nest-'));
    for (const { name, text } of [engine, ...files.get('NestJS')!])
      await writeFile(join(folder, name), text);
    const [, args = ''] = /^npx -p typescript tsc (.*)$/m.exec(guide) ?? [];
    await run(join(bin, 'tsc'), [...args.split(' '), '--skipLibCheck', '--types', 'node'], {
      cwd: folder,
    });
    const compiled = ['headwater.js', 'server.js'].map(
      (name) => [name, readFileSync(join(folder, name), 'utf8')] as const,
    );
    const command = [process.execPath, 'server.js'] as const;
    await expectSources(
      await installed.startWritten('nestjs', Object.fromEntries(compiled), command),
    );
  }, 120_000);

  it('has routes for Next.js that a strict compiler takes, and that answer', async () => {
    const folder = join(installed.folder, 'nextjs');
    for (const { name, text } of files.get('Next.js')!) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    // What `create-next-app` writes of it that counts here.
    const compilerOptions = {
      target: 'es2022',
      module: 'esnext',
      moduleResolution: 'bundler',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
      paths: { '@/*': ['./*'] },
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    expect((await run(join(bin, 'tsc'), ['-p', '.'], { cwd: folder })).stdout).toBe('');
    const event = { event_type: 'pageview', url: 'http://localhost:3000/?utm_source=me' };
    await writeFile(
      join(folder, 'ask.ts'),
      `import { GET, POST } from './app/hw/[[...path]]/route.ts';
       import { GET as follow } from './app/[...key]/route.ts';
       import { GET as sources } from './app/sources/route.ts';
       const ask = (path, more) => new Request('http://localhost:3000' + path, more);
       const headers = { 'user-agent': ${JSON.stringify(person.userAgent)}, 'content-type': 'application/json' };
       const body = ${JSON.stringify(JSON.stringify(event))};
       const answers = [await GET(ask('/hw/js/headwater.js')), await follow(ask('/no-link')),
         await POST(ask('/hw/t/event', { method: 'POST', headers, body }))];
       const [{ value }] = await (await sources()).json();
       console.log(...answers.map((answer) => answer.status), value);
       process.exit();`,
    );
    // Bun reads the paths of the configuration as Next.js does.
    const { stdout } = await run(join(bin, 'bun'), ['ask.ts'], { cwd: folder, timeout: 60_000 });
    expect(stdout).toBe('200 404 200 me\n');
  }, 120_000);

  it('has files that a strict compiler takes', async () => {
    const types = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext'];
    const names: string[] = [];
    await writeFile(join(installed.folder, engine.name), engine.text);
    for (const [heading, written] of files) {
      const server = written.find(({ name }) => name === 'server.ts');
      if (server === undefined || heading === 'Bun') continue;
      names.push(`${heading.replace(':', '-')}.ts`);
      await writeFile(join(installed.folder, names.at(-1)!), server.text);
    }
    const allowed = ['--allowImportingTsExtensions', '--skipLibCheck', '--types', 'node'];
    allowed.push('--experimentalDecorators');
    const { stdout } = await run(join(bin, 'tsc'), [...types, ...allowed, ...names], {
      cwd: installed.folder,
    });
    expect(stdout).toBe('');
  }, 120_000);
});

/** Somebody comes by a campaign, and the application knows. */
async function expectSources(application: Awaited<ReturnType<Installed['start']>>): Promise<void> {
  const context = await browser.newContext(person);
  const page = await context.newPage();
  await page.goto(`${application.origin}/?utm_source=me`);
  const sources = async (): Promise<unknown> =>
    (await fetch(`${application.origin}/sources`)).json();
  await expect.poll(sources, { timeout: 20_000 }).toMatchObject([{ value: 'me' }]);
  await context.close();
  await application.stop();
}

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
