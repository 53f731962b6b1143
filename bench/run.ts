// `npm run bench`: Headwater beside a bare `node:http` responder and beside what a developer writes
// by hand, on PostgreSQL and on PGlite. Everything on 127.0.0.1; ends by itself and leaves nothing.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { startPostgresCluster } from '../test/support/postgres-cluster.ts';
import { benchmarkAnalytics } from './analytics.ts';
import { benchmarkCost } from './cost.ts';
import { benchmarkDashboard } from './dashboard.ts';
import { type Contender, startBare, startByHand, startHeadwater } from './contender.ts';
import { benchmarkMerges } from './merges.ts';
import { benchmarkModels } from './models.ts';
import { type Measurement, measureRow, type Schedule } from './measure.ts';
import { formatReport } from './report.ts';
import type { BenchmarkReport } from './report.ts';
import { rows } from './rows.ts';
import { execute, measureStorage, query, type StorageReport, urlOf } from './storage.ts';

const help = `npm run bench -- [options]
npm run bench -- analytics --help
npm run bench -- dashboard --help
npm run bench -- models
npm run bench -- merges [--seconds 10]
npm run bench -- cost

  --quick            one round of 3 s, for a first look
  --rounds <number>  rounds of each row (3)
  --seconds <number> length of a round (5)
  --row <id>         only this row, may be repeated: ${rows.map((row) => row.id).join(', ')}
  --size <name>      only postgresql or pglite
  --no-storage       leave out bytes on disk and statements per batch
  --write            put the result into docs/benchmark.md
`;

/** Benchmarks of their own, by the word that asks for them. */
const others = new Map<string | undefined, (args: string[]) => Promise<void> | void>([
  ['analytics', benchmarkAnalytics],
  ['dashboard', benchmarkDashboard],
  ['models', benchmarkModels],
  ['merges', benchmarkMerges],
  ['cost', benchmarkCost],
]);
const other = others.get(process.argv[2]);
const { values: flags } = parseArgs({
  args: other === undefined ? process.argv.slice(2) : [],
  allowNegative: true,
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    row: { type: 'string', multiple: true },
    size: { type: 'string' },
    storage: { type: 'boolean', default: true },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const documentPath = join(import.meta.dirname, '../docs/benchmark.md');
const resultsFolder = join(import.meta.dirname, 'results');

if (other !== undefined) await other(process.argv.slice(3));
else if (flags.help) process.stdout.write(help);
else await main();

async function main(): Promise<void> {
  const schedule: Schedule = {
    rounds: Number(flags.rounds ?? (flags.quick ? 1 : 3)),
    seconds: Number(flags.seconds ?? (flags.quick ? 3 : 5)),
    warmUpSeconds: flags.quick ? 1 : 2,
  };
  const wanted = rows.filter((row) => flags.row === undefined || flags.row.includes(row.id));
  const folder = mkdtempSync(join(tmpdir(), 'headwater-bench-'));
  const clear = (): void => rmSync(folder, { recursive: true, force: true });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      clear();
      process.kill(process.pid, signal);
    });
  }
  try {
    await using cluster = await startPostgresCluster();
    const postgres =
      (await query<{ version: string }>(cluster.url, 'select version()'))[0]?.version ?? '';
    const measurements: Measurement[] = [];
    {
      await using contenders = await startContenders(cluster.url, folder);
      for (const row of wanted) {
        // What the rows before left to write is not this one's doing.
        await execute(cluster.url, 'checkpoint');
        measurements.push(...(await measureRow(row, contenders.list, schedule, say)));
      }
    }
    let storage: StorageReport | undefined;
    if (flags.storage && flags.size !== 'pglite') {
      say('storage and statements …');
      storage = await measureStorage(cluster, folder, flags.quick ? 20_000 : 100_000);
    }
    publish({
      date: new Date().toISOString().slice(0, 10),
      command: [
        'npm run bench',
        ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : []),
      ].join(' '),
      machine: {
        cpu: cpus()[0]?.model.trim() ?? 'an unknown processor',
        cores: cpus().length,
        memoryGigabytes: Math.round(totalmem() / 2 ** 30),
        node: process.versions.node,
        postgres: postgres.split(' ').slice(0, 2).join(' '),
      },
      rounds: schedule.rounds,
      seconds: schedule.seconds,
      measurements,
      storage,
    });
  } finally {
    clear();
  }
}

async function startContenders(
  clusterUrl: string,
  folder: string,
): Promise<{ readonly list: readonly Contender[] } & AsyncDisposable> {
  const population = flags.quick
    ? { visitors: 5_000, customers: 200, manyLinks: true }
    : { visitors: 20_000, customers: 1_000, manyLinks: true };
  await using stack = new AsyncDisposableStack();
  const list: Contender[] = [];
  const add = async (starting: Promise<Contender>): Promise<void> => {
    list.push(stack.use(await starting));
    say(`started ${list.at(-1)?.name}`);
  };
  if (flags.size !== 'pglite') {
    await execute(clusterUrl, 'create database by_hand');
    await execute(clusterUrl, 'create database headwater');
    await add(startByHand({ url: urlOf(clusterUrl, 'by_hand') }, population));
    await add(
      startHeadwater(
        { folder: join(folder, 'server'), url: urlOf(clusterUrl, 'headwater') },
        population,
      ),
    );
  }
  if (flags.size !== 'postgresql') {
    await add(startByHand({ folder: join(folder, 'by-hand') }, population));
    await add(startHeadwater({ folder: join(folder, 'embedded') }, population));
  }
  const like = list.find((contender) => contender.kind === 'Headwater');
  if (like === undefined) throw new Error(`--size is postgresql or pglite, not ${flags.size}`);
  const bare = stack.use(await startBare(like));
  const owned = stack.move();
  return { list: [bare, ...list], [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function publish(report: BenchmarkReport): void {
  const text = formatReport(report);
  process.stdout.write(`\n${text}`);
  mkdirSync(resultsFolder, { recursive: true });
  const path = join(resultsFolder, `${new Date().toISOString().replaceAll(':', '-')}.json`);
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  say(`\n${path}`);
  if (!flags.write) return;
  const document = readFileSync(documentPath, 'utf8');
  const [before] = document.split('<!-- results -->');
  writeFileSync(documentPath, `${before}<!-- results -->\n\n${text}`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
