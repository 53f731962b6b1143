// `npm run bench -- analytics`: how long reports take over a year of 1 and of 10 million events.
import { cpus, loadavg, totalmem } from 'node:os';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { createHeadwater } from '../packages/engine/src/engine.ts';
import type { Headwater } from '../packages/engine/src/engine.ts';
import { createDatabase, createPool } from '../packages/engine/src/store/postgres.ts';
import type { Database } from '../packages/engine/src/store/database.ts';
import { startPostgresCluster } from '../test/support/postgres-cluster.ts';
import { makeYear, yearEnds } from './analytics-data.ts';
import { analyticsQueries } from './analytics-queries.ts';
import { execute, query, urlOf } from './storage.ts';

const help = `npm run bench -- analytics [options]

  --events <number>  how many events, may be repeated (1000000 and 10000000)
  --rounds <number>  how often each report is asked for (7)
  --only <text>      reports whose name holds this
  --url <url>        a server of your own; what is loaded there stays, and is used again
  --no-roll-up       leaves the hours as they are: what is not there is read from the events
  --days <number>    makes the hours of the last so many days only; the reports read 70 (366)
  --write            put the result into docs/benchmark-analytics.md
`;

const documentPath = join(import.meta.dirname, '../docs/benchmark-analytics.md');

interface Timing {
  readonly query: string;
  readonly events: number;
  readonly first: number;
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
  /** Of the process that answers, for each round. */
  readonly cpu: number;
}

interface Loaded {
  readonly wanted: number;
  readonly events: number;
  readonly sessions: number;
  readonly share: number;
  readonly loadSeconds: number;
  readonly rollUpSeconds: number;
}

export async function benchmarkAnalytics(args: readonly string[]): Promise<void> {
  const { values: flags } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      events: { type: 'string', multiple: true },
      rounds: { type: 'string', default: '7' },
      only: { type: 'string', default: '' },
      url: { type: 'string' },
      'roll-up': { type: 'boolean', default: true },
      days: { type: 'string', default: '366' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) {
    process.stdout.write(help);
    return;
  }
  await using stack = new AsyncDisposableStack();
  const url = flags.url ?? stack.use(await startPostgresCluster()).url;
  const loaded: Loaded[] = [];
  const timings: Timing[] = [];
  for (const wanted of (flags.events ?? ['1000000', '10000000']).map(Number)) {
    await using year = await openYear(url, wanted, flags['roll-up'] ? Number(flags.days) : 0);
    loaded.push(year.loaded);
    for (const { name, run } of analyticsQueries) {
      if (!name.includes(flags.only)) continue;
      timings.push({
        query: name,
        events: year.loaded.events,
        ...(await measure(Number(flags.rounds), () => run(year.hw, year.workspaceId))),
      });
      say(JSON.stringify(timings.at(-1)));
    }
  }
  const [{ version = '' } = {}] = await query<{ version?: string }>(url, 'select version()');
  const command = ['npm run bench -- analytics', ...args].join(' ');
  const report = formatReport(command, version, loaded, timings);
  process.stdout.write(`\n${report}`);
  if (!flags.write) return;
  const [before] = readFileSync(documentPath, 'utf8').split('<!-- results -->');
  writeFileSync(documentPath, `${before}<!-- results -->\n\n${report}`);
}

async function measure(
  rounds: number,
  run: () => Promise<unknown>,
): Promise<Omit<Timing, 'query' | 'events'>> {
  const times: number[] = [];
  let before = process.cpuUsage();
  for (let round = 0; round <= rounds; round += 1) {
    const begun = performance.now();
    await run();
    times.push(performance.now() - begun);
    if (round === 0) before = process.cpuUsage();
  }
  const { user, system } = process.cpuUsage(before);
  const [first, ...rest] = times;
  rest.sort((one, other) => one - other);
  return {
    first: first!,
    minimum: rest[0]!,
    median: rest[Math.floor(rest.length / 2)]!,
    maximum: rest.at(-1)!,
    cpu: (user + system) / 1_000 / rounds,
  };
}

interface Year extends AsyncDisposable {
  readonly hw: Headwater;
  readonly workspaceId: string;
  readonly loaded: Loaded;
}

/** The database of that many events: as it is there, or made now. */
async function openYear(serverUrl: string, wanted: number, daysOfHours: number): Promise<Year> {
  const name = `analytics_${wanted}`;
  const [there] = await query(serverUrl, `select from pg_database where datname = '${name}'`);
  if (there === undefined) await execute(serverUrl, `create database ${name}`);
  const url = urlOf(serverUrl, name);
  const hw = await createHeadwater({
    database: { url },
    secret: 'a secret for the benchmark and nothing else',
    geo: false,
  });
  let loadSeconds = 0;
  await hw.migrate();
  if (there === undefined) {
    const begun = performance.now();
    await withDatabase(url, (database) => makeYear(hw, database, wanted, say));
    await execute(url, 'vacuum (analyze)');
    loadSeconds = (performance.now() - begun) / 1_000;
    say(`loaded in ${loadSeconds.toFixed(0)} s`);
  }
  let rollUpSeconds = 0;
  if (daysOfHours > 0) {
    const begun = performance.now();
    await rollUpDays(hw, daysOfHours);
    rollUpSeconds = (performance.now() - begun) / 1_000;
    say(`rolled up in ${rollUpSeconds.toFixed(0)} s`);
    await execute(url, 'vacuum (analyze) headwater.activity_hour');
  }
  const [row] = await query<{ id: string; events: string; sessions: string; share: number }>(
    url,
    `select w.id, count(*) as events, (select count(*) from headwater.session s where s.workspace_id = w.id) as sessions,
       (count(*) filter (where e.occurred_at >= to_timestamp(${yearEnds / 1_000} - 35 * 86400) and e.occurred_at < to_timestamp(${yearEnds / 1_000} - 5 * 86400)))::float8 / count(*) as share
     from headwater.workspace w join headwater.event e on e.workspace_id = w.id where w.name like 'Year of %' group by 1`,
  );
  return {
    hw,
    workspaceId: row!.id,
    loaded: {
      wanted,
      events: Number(row!.events),
      sessions: Number(row!.sessions),
      share: row!.share,
      loadSeconds,
      rollUpSeconds,
    },
    [Symbol.asyncDispose]: () => hw.close(),
  };
}

/** The newest hours come first; those since the end of the year are empty. */
async function rollUpDays(hw: Headwater, days: number): Promise<void> {
  const wanted = (Date.now() - yearEnds) / 3_600_000 + days * 24;
  for (let made = 0; made < wanted;) {
    const report = await hw.analytics.rollUp();
    made += report.made;
    if (!report.goesOn) return;
  }
}

async function withDatabase(
  url: string,
  work: (database: Database) => Promise<unknown>,
): Promise<void> {
  const pool = createPool(url, 1);
  // Loading a year takes longer than anything that the engine asks for.
  pool.options.query_timeout = 0;
  const database = createDatabase(pool, {
    size: 'server',
    schema: 'headwater',
    batchesInFlight: 1,
    prepare: false,
    onClose: () => pool.end(),
  });
  try {
    await work(database);
  } finally {
    await database.close();
  }
}

function formatReport(
  command: string,
  version: string,
  loaded: readonly Loaded[],
  timings: readonly Timing[],
): string {
  const number = (value: number, digits = 0): string =>
    value.toLocaleString('en', { maximumFractionDigits: digits });
  const lines = loaded.map(
    ({ events, sessions, share, loadSeconds, rollUpSeconds }) =>
      `| ${number(events)} | ${number(sessions)} | ${number(share * 100, 1)} % | ${loadSeconds === 0 ? 'was there' : `${number(loadSeconds)} s`} | ${number(rollUpSeconds)} s |`,
  );
  const rows = timings.map(
    ({ query: name, events, first, minimum, median, maximum, cpu }) =>
      `| ${name} | ${number(events)} | ${number(first)} | ${number(minimum)} | ${number(median)} | ${number(maximum)} | ${number(cpu)} | ${judge(name, median)} |`,
  );
  return `\`${command}\`: ${cpus().length} cores of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB,
Node ${process.versions.node}, ${version.split(' ').slice(0, 2).join(' ')}. Engine and database share the cores; the load of the machine in the minute
before the end was ${number(loadavg()[0] ?? 0, 1)}. A year of one
site, made by \`bench/analytics-data.ts\`.

| events | visits | of them in the 30 days | loading | roll-ups |
| --- | --- | --- | --- | --- |
${lines.join('\n')}

Milliseconds. First: a process that has just started. CPU: of the process that answers, without the database.

| report | events | first | minimum | median | maximum | CPU | design |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function judge(name: string, median: number): string {
  const asked = analyticsQueries.find((one) => one.name === name);
  if (asked?.goal !== undefined && median <= asked.goal) return `goal (${asked.goal})`;
  if (asked?.floor === undefined) return '';
  return median <= asked.floor ? `floor (${asked.floor})` : `misses the floor (${asked.floor})`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
