// `npm run bench -- cost`: what one event costs, by the counters of Linux and PostgreSQL. CPU time, bytes and statements
// depend far less on what else the machine does than a rate does; `docs/sizing.md` reckons with them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgresCluster } from '../test/support/postgres-cluster.ts';
import { runLoad } from './child.ts';
import { startHeadwater } from './contender.ts';
import { databaseMicroseconds, processorMicroseconds } from './process-cost.ts';
import { markdownTable } from './report.ts';
import { rows } from './rows.ts';
import { execute, query, urlOf } from './storage.ts';

const seconds = 8;
const population = { visitors: 5_000, customers: 500, manyLinks: true };

export async function benchmarkCost(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-cost-'));
  try {
    await using cluster = await startPostgresCluster();
    await execute(cluster.url, `alter system set shared_preload_libraries = 'pg_stat_statements'`);
    await cluster.crash();
    await cluster.restart();
    await execute(cluster.url, 'create database cost');
    const url = urlOf(cluster.url, 'cost');
    await execute(url, 'create extension pg_stat_statements');
    await using server = await startHeadwater({ folder, url }, population);
    const lines: string[][] = [];
    for (const row of rows) {
      const { requests, status } = server.traffic[row.id]();
      const load = (length: number) =>
        runLoad({
          port: server.port,
          connections: row.connections,
          seconds: length,
          warmUpSeconds: 0,
          requests,
          expectedStatus: status,
        });
      // Compiles what is hot and fills the caches.
      await load(3);
      const before = await read(url, server.pid);
      const result = await load(seconds);
      const after = await read(url, server.pid);
      const events = after.events - before.events;
      const each = (of: keyof Counters): string =>
        ((after[of] - before[of]) / events).toLocaleString('en', { maximumFractionDigits: 2 });
      lines.push([
        row.title,
        Math.round(events / result.seconds).toLocaleString('en'),
        Math.round((after.server - before.server) / events).toLocaleString('en'),
        Math.round((after.database - before.database) / events).toLocaleString('en'),
        Math.round((after.log - before.log) / events).toLocaleString('en'),
        Math.round((after.bytes - before.bytes) / events).toLocaleString('en'),
        each('statements'),
      ]);
      process.stderr.write(`${lines.at(-1)!.join(' · ')}\n`);
    }
    const header = [
      'one event of',
      'events/s here',
      'server µs',
      'PostgreSQL µs',
      'log bytes',
      'table and index bytes',
      'statements',
    ];
    process.stdout.write(`\n${markdownTable(header, lines)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Since the beginning, for everything that was recorded. */
interface Counters {
  readonly events: number;
  readonly server: number;
  readonly database: number;
  readonly log: number;
  readonly bytes: number;
  readonly statements: number;
}

async function read(url: string, serverPid: number): Promise<Counters> {
  const server = processorMicroseconds(serverPid);
  const database = await databaseMicroseconds(url);
  const [row] = await query<Record<'events' | 'log' | 'bytes' | 'statements', string>>(
    url,
    `select (select count(*) from headwater.event) as events,
       pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as log,
       (select sum(pg_total_relation_size(c.oid)) from pg_class c
        where c.relnamespace = 'headwater'::regnamespace and c.relkind = 'r') as bytes,
       (select sum(calls) from pg_stat_statements s join pg_database d on d.oid = s.dbid
        where d.datname = current_database() and query !~* '^(begin|commit|rollback|select pg_)') as statements`,
  );
  return {
    events: Number(row?.events),
    server,
    database,
    log: Number(row?.log),
    bytes: Number(row?.bytes),
    statements: Number(row?.statements),
  };
}
