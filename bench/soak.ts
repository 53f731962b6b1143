// `npm run soak`: hours of a life in one. Clicks, page views and merges at a fixed rate for as long as it is told, while
// months turn and retention drops them; every minute what a process that is not well would show.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { startPostgresCluster } from '../test/support/postgres-cluster.ts';
import { runLoad, startProgram } from './child.ts';
import { collectCookies, pageviewRequest } from './contender.ts';
import { databaseMicroseconds, processorMicroseconds, residentMegabytes } from './process-cost.ts';
import { clickRequest } from './request.ts';
import { formatSoak, judgeSoak } from './soak-report.ts';
import type { SoakMinute, SoakReport } from './soak-report.ts';
import type { SoakServerAnswer, SoakServerSettings } from './soak-server.ts';
import { execute, query, urlOf } from './storage.ts';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '7500' },
    visitors: { type: 'string', default: '20000' },
    help: { type: 'boolean', default: false },
  },
});
const retentionDays = 90;
/** Ten minutes are half a year. */
const jump = { jumpEverySeconds: 60, jumpDays: 20 };
const mergesPerSecond = 5;

const help = `npm run soak -- [options]

  --minutes <number>   how long (60)
  --rate <number>      events for each second (7500: half of what a redirect's floor is)
  --visitors <number>  who they come from (20000)
`;

if (flags.help) process.stdout.write(help);
else await main(Number(flags.minutes), Number(flags.rate), Number(flags.visitors));

async function main(minutes: number, rate: number, visitors: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-soak-'));
  try {
    await using cluster = await startPostgresCluster();
    await execute(cluster.url, 'create database soak');
    const url = urlOf(cluster.url, 'soak');
    const settings: SoakServerSettings = { url, spoolFolder: folder, retentionDays, ...jump };
    await using child = await startProgram('soak-server.ts', settings);
    const server: Server = { pid: child.pid, url, ...(child.answer as SoakServerAnswer) };
    const cookies = await collectCookies(server.port, '_hw_visitor', visitors);
    const report: { -readonly [Key in keyof SoakReport]: SoakReport[Key] } = {
      date: new Date().toISOString().slice(0, 10),
      machine: `${cpus().length} cores of ${cpus()[0]?.model.trim()}, Node ${process.versions.node}`,
      rate,
      minutes: [],
      monthsDropped: 0,
    };
    let known = new Set<string>();
    for (let minute = 1; minute <= minutes; minute += 1) {
      const measured = await measureMinute(server, { minute, rate, cookies });
      report.minutes = [...report.minutes, measured];
      const there = await monthsOf(url);
      report.monthsDropped += [...known].filter((month) => !there.has(month)).length;
      known = there;
      process.stderr.write(`${JSON.stringify(measured)}\n`);
    }
    publish(report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Server extends SoakServerAnswer {
  readonly pid: number;
  readonly url: string;
}

async function measureMinute(
  server: Server,
  {
    minute,
    rate,
    cookies,
  }: { readonly minute: number; readonly rate: number; readonly cookies: readonly string[] },
): Promise<SoakMinute> {
  const serverBefore = processorMicroseconds(server.pid);
  const databaseBefore = await databaseMicroseconds(server.url);
  const load = (requests: readonly string[], expectedStatus: number) =>
    runLoad({
      port: server.port,
      connections: 25,
      seconds: 60,
      warmUpSeconds: 0,
      rate: rate / 2,
      requests,
      expectedStatus,
    });
  const [clicks, pages, merging] = await Promise.all([
    load(
      cookies.map((cookie) => clickRequest(cookie)),
      302,
    ),
    load(
      cookies.map((cookie, index) => pageviewRequest(cookie, index)),
      200,
    ),
    mergeForAMinute(server, minute),
  ]);
  const events = clicks.requests + pages.requests + merging.merges;
  const serverCpu = (processorMicroseconds(server.pid) - serverBefore) / events;
  const databaseCpu = ((await databaseMicroseconds(server.url)) - databaseBefore) / events;
  const [dead] = await query<{ share: number }>(
    server.url,
    `select coalesce(sum(n_dead_tup)::float8 / nullif(sum(n_live_tup + n_dead_tup), 0), 0) as share
     from pg_stat_user_tables where schemaname = 'headwater'`,
  );
  const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  return {
    minute,
    eventsPerSecond: events / 60,
    p50: Math.max(clicks.p50, pages.p50),
    p99: Math.max(clicks.p99, pages.p99),
    failed: merging.failed + countOf(clicks.unexpected) + countOf(pages.unexpected),
    merges: merging.merges,
    longestWait: Math.max(merging.longestWait, clicks.p999, pages.p999),
    spooled: Number(/^headwater_clicks_spooled_total (\S+)$/m.exec(metrics)?.[1] ?? 0),
    megabytes: residentMegabytes(server.pid),
    deadShare: dead?.share ?? 0,
    months: (await monthsOf(server.url)).size,
    serverCpu,
    databaseCpu,
  };
}

/** People who turn out to be one: two devices each time, and the user whose both are. */
async function mergeForAMinute(
  server: Server,
  minute: number,
): Promise<{ readonly merges: number; readonly failed: number; readonly longestWait: number }> {
  const end = performance.now() + 60_000;
  let merges = 0;
  let failed = 0;
  let longestWait = 0;
  while (performance.now() < end) {
    const name = `${minute}-${merges}`;
    for (const device of [`phone-${name}`, `desk-${name}`]) {
      const began = performance.now();
      const response = await fetch(`http://127.0.0.1:${server.port}/hw/api/visitors/identify`, {
        method: 'POST',
        headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ anonymous_id: device, person_external_id: `user-${name}` }),
      });
      await response.arrayBuffer();
      if (!response.ok) failed += 1;
      longestWait = Math.max(longestWait, performance.now() - began);
    }
    merges += 1;
    await new Promise((resolve) => setTimeout(resolve, 1000 / mergesPerSecond));
  }
  return { merges, failed, longestWait };
}

async function monthsOf(url: string): Promise<Set<string>> {
  const rows = await query<{ name: string }>(
    url,
    "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'headwater.event'::regclass",
  );
  return new Set(rows.map(({ name }) => name));
}

function countOf(unexpected: Readonly<Record<string, number>>): number {
  return Object.values(unexpected).reduce((sum, count) => sum + count, 0);
}

function publish(report: SoakReport): void {
  process.stdout.write(`\n${formatSoak(report)}`);
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `soak-${new Date().toISOString().replaceAll(':', '-')}.json`);
  writeFileSync(path, `${JSON.stringify({ ...report, verdicts: judgeSoak(report) }, null, 2)}\n`);
  process.stderr.write(`${path}\n`);
}
