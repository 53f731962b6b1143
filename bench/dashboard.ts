// `npm run bench -- dashboard`: how long every view of the dashboard takes to its data, on a server with a million events.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { createHeadwater } from '../packages/engine/src/engine.ts';
import type { DatabaseOption } from '../packages/engine/src/options.ts';
import { orThrow } from '../packages/engine/src/kernel/result.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { dashboardViews } from '../test/support/dashboard.ts';
import { startCommand } from './child.ts';
import { fillDashboard, secret } from './dashboard-data.ts';
import { formatDashboardReport } from './dashboard-report.ts';
import type { DashboardReport, Timed } from './dashboard-report.ts';
import { openViews, variantsOf } from './dashboard-requests.ts';
import { query } from './storage.ts';

const help = `npm run bench -- dashboard [options]

  --events <number>  how many events (1000000)
  --folder <path>    where the embedded database is; what is loaded there stays, and is used again
  --url <url>        an empty PostgreSQL database instead; what is loaded there stays, and is used again
  --rounds <number>  how often each request is sent after the first time (5)
  --only <text>      views whose name holds this
  --no-variants      only what the views ask for as they are opened
  --write            put the result into docs/benchmark-dashboard.md
`;

const documentPath = join(import.meta.dirname, '../docs/benchmark-dashboard.md');
const resultsFolder = join(import.meta.dirname, 'results');
const base = '/hw';

export async function benchmarkDashboard(args: readonly string[]): Promise<void> {
  const { values: flags } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      events: { type: 'string', default: '1000000' },
      folder: { type: 'string' },
      url: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      only: { type: 'string', default: '' },
      variants: { type: 'boolean', default: true },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) {
    process.stdout.write(help);
    return;
  }
  await using stack = new AsyncDisposableStack();
  const folder = flags.folder ?? mkdtempSync(join(tmpdir(), 'headwater-dashboard-'));
  if (flags.folder === undefined)
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(folder, { recursive: true });
  const database: DatabaseOption = flags.url === undefined ? { folder } : { url: flags.url };
  if (!(await isFilled(folder, flags.url))) {
    await fillDashboard(database, Number(flags.events), say);
  }
  const { views, apiKey, rows } = await lookAround(database);

  // The first start after loading may have something to do that later ones have not.
  await (await startServer(folder, flags.url))[Symbol.asyncDispose]();
  const begun = performance.now();
  const server = stack.use(await startServer(folder, flags.url));
  const startMilliseconds = performance.now() - begun;
  const memoryAtStart = residentMegabytes(server.pid);
  const origin = `http://localhost:${server.line['port'] as number}`;
  const wanted = Object.entries(views).filter(([name]) => name.includes(flags.only));
  const browser = await launchBrowser();
  stack.defer(() => browser.close());
  const opened = await openViews(browser, { origin, base, apiKey }, Object.fromEntries(wanted));
  const memoryOpened = residentMegabytes(server.pid);

  const ask = async (request: string): Promise<Timed> => {
    const timed = await time(
      { address: `${origin}${base}/api${request}`, apiKey, pid: server.pid },
      Number(flags.rounds),
    );
    say(`${timed.median.toFixed(0)} ms ${decodeURIComponent(request)}`);
    return { request, ...timed };
  };
  const requests: Timed[] = [];
  for (const request of new Set(opened.flatMap((view) => view.requests)))
    requests.push(await ask(request));
  const variants: Timed[] = [];
  if (flags.variants)
    for (const request of new Set(requests.flatMap((one) => variantsOf(one.request))))
      variants.push(await ask(request));
  publish(
    {
      command: ['npm run bench -- dashboard', ...args].join(' '),
      database: flags.url === undefined ? 'PGlite' : 'PostgreSQL',
      rows,
      startMilliseconds,
      memory: {
        start: memoryAtStart,
        opened: memoryOpened,
        end: residentMegabytes(server.pid),
      },
      views: opened,
      requests,
      variants,
    },
    flags.write,
  );
}

async function isFilled(folder: string, url: string | undefined): Promise<boolean> {
  if (url === undefined) return existsSync(join(folder, 'database'));
  const [schema] = await query(url, `select from pg_namespace where nspname = 'headwater'`);
  return schema !== undefined;
}

/** What the database holds, where the views are, and a key for whoever looks at them. */
async function lookAround(database: DatabaseOption) {
  await using hw = await createHeadwater({ database, secret, geo: false });
  await hw.migrate();
  const { key } = orThrow(
    await hw.apiKeys.create({ kind: 'secret', name: 'Dashboard', scopes: ['admin'] }),
  );
  const usual = await dashboardViews({ hw });
  const { links } = orThrow(await hw.links.list({ limit: 1, sort: 'clicks' }));
  const views = { ...usual, 'link-busiest': `/links/${links[0]!.id}` };
  const summary = orThrow(
    await hw.analytics.summary({ from: new Date(Date.now() - 365 * 86_400_000), to: new Date() }),
  );
  const { events, people, sessions } = summary.numbers;
  return { views, apiKey: key, rows: { events, people, visits: sessions ?? 0 } };
}

function startServer(folder: string, url: string | undefined) {
  return startCommand(
    [join(import.meta.dirname, '../packages/server/dist/bundle/cli.js'), 'serve', '--json'],
    {
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'error',
      HEADWATER_DATA: folder,
      HEADWATER_SECRET: secret,
      ...(url !== undefined && { DATABASE_URL: url }),
    },
  );
}

/** What takes longer than this altogether is not asked for more often. */
const patienceMilliseconds = 4_000;

async function time(
  asked: { readonly address: string; readonly apiKey: string; readonly pid: number },
  rounds: number,
): Promise<Omit<Timed, 'request'>> {
  const ask = async () => {
    const begun = performance.now();
    const response = await fetch(asked.address, {
      headers: { authorization: `Bearer ${asked.apiKey}` },
    });
    const text = await response.text();
    return { text, status: response.status, took: performance.now() - begun };
  };
  const { took: first, text, status } = await ask();
  const times: number[] = [];
  const cpuBefore = cpuMilliseconds(asked.pid);
  let spent = 0;
  while (times.length < rounds && (times.length === 0 || spent < patienceMilliseconds)) {
    const { took } = await ask();
    times.push(took);
    spent += took;
  }
  const cpu = (cpuMilliseconds(asked.pid) - cpuBefore) / times.length;
  times.sort((one, other) => one - other);
  return {
    status,
    rows: countRows(text),
    kilobytes: text.length / 1_024,
    first,
    least: times[0]!,
    median: times[Math.floor(times.length / 2)]!,
    maximum: times.at(-1)!,
    cpu,
  };
}

/** Of all threads of a process so far; 0 where the system does not tell (Linux does, in hundredths of a second). */
function cpuMilliseconds(pid: number): number {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return 0;
  const fields = readFileSync(path, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** The longest list in an answer, or the answer where it is one. */
function countRows(text: string): number {
  if (text.startsWith('[')) return (JSON.parse(text) as unknown[]).length;
  if (!text.startsWith('{')) return 0;
  const lists = Object.values(JSON.parse(text) as object).filter(Array.isArray);
  return Math.max(0, ...lists.map((list) => list.length));
}

function residentMegabytes(pid: number): number {
  return (
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024
  );
}

function publish(report: DashboardReport, writes: boolean): void {
  const text = formatDashboardReport(report);
  process.stdout.write(`\n${text}`);
  mkdirSync(resultsFolder, { recursive: true });
  const path = join(
    resultsFolder,
    `dashboard-${new Date().toISOString().replaceAll(':', '-')}.json`,
  );
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  say(`\n${path}`);
  if (!writes) return;
  const [before] = readFileSync(documentPath, 'utf8').split('<!-- results -->');
  writeFileSync(documentPath, `${before}<!-- results -->\n\n${text}`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
