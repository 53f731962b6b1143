import { join } from 'node:path';

import pg from 'pg';

import type { PostgresCluster } from '../test/support/postgres-cluster.ts';
import { runLoad } from './child.ts';
import { collectCookies, pageviewRequest, startHeadwater } from './contender.ts';
import type { HeadwaterContender } from './contender.ts';

export interface StorageReport {
  readonly pageviews: number;
  readonly visitors: number;
  /** All tables and indexes of the schema, divided by the page views. */
  readonly bytesPerPageview: number;
  readonly tables: readonly { readonly name: string; readonly bytes: number }[];
  /** Statements of one transaction of the pipeline, at few and at many events per batch. */
  readonly statements: readonly {
    readonly eventsPerBatch: number;
    readonly statementsPerBatch: number;
  }[];
}

/**
 * On a database of its own: what page views take on disk, and how many statements a batch is, counted by PostgreSQL.
 */
export async function measureStorage(
  cluster: PostgresCluster,
  folder: string,
  pageviews: number,
): Promise<StorageReport> {
  await execute(cluster.url, `alter system set shared_preload_libraries = 'pg_stat_statements'`);
  await cluster.crash();
  await cluster.restart();
  await execute(cluster.url, 'create database storage');
  const url = urlOf(cluster.url, 'storage');
  await execute(url, 'create extension pg_stat_statements');

  const visitors = Math.round(pageviews / 5);
  await using server = await startHeadwater(
    { folder: join(folder, 'storage'), url },
    { visitors: 1, customers: 0 },
  );
  // Visitors of the site, not of a link: their first page view makes them.
  const cookies = await collectCookies(server.port, '_hw_visitor', visitors);
  await execute(url, 'vacuum analyze');
  const before = await sizes(url);
  const requests = cookies.map((cookie, index) => pageviewRequest(cookie, index));
  await runLoad({
    port: server.port,
    connections: 50,
    seconds: 120,
    warmUpSeconds: 0,
    requests,
    requestsMax: pageviews,
    expectedStatus: 200,
  });
  await execute(url, 'vacuum analyze');
  const after = await sizes(url);
  const tables = [...after].map(([name, bytes]) => ({
    name,
    bytes: bytes - (before.get(name) ?? 0),
  }));
  const grown = tables.reduce((sum, table) => sum + table.bytes, 0);

  const statements = [];
  for (const connections of [1, 10, 100]) {
    statements.push(await countStatements(url, server, requests, connections));
  }
  return {
    pageviews,
    visitors,
    bytesPerPageview: Math.round(grown / pageviews),
    tables: tables
      .filter((table) => table.bytes > 0)
      .toSorted((one, other) => other.bytes - one.bytes),
    statements,
  };
}

async function countStatements(
  url: string,
  server: HeadwaterContender,
  requests: readonly string[],
  connections: number,
): Promise<StorageReport['statements'][number]> {
  await query(url, 'select pg_stat_statements_reset()');
  const { requests: answered } = await runLoad({
    port: server.port,
    connections,
    seconds: 1,
    warmUpSeconds: 0,
    requests,
    expectedStatus: 200,
  });
  // A batch is one insert of event keys; other statements are those of its transaction, but for begin and commit.
  const [row] = await query<{ batches: string; statements: string }>(
    url,
    `select sum(calls) filter (where query ilike '%insert into%event_key%') as batches,
            sum(calls) filter (where query !~* '^(begin|commit|rollback|select pg_stat)') as statements
     from pg_stat_statements s join pg_database d on d.oid = s.dbid where d.datname = 'storage'`,
  );
  const batches = Number(row?.batches ?? 0);
  return {
    eventsPerBatch: round(answered / batches),
    statementsPerBatch: round(Number(row?.statements ?? 0) / batches),
  };
}

async function sizes(url: string): Promise<ReadonlyMap<string, number>> {
  const rows = await query<{ name: string; bytes: string }>(
    url,
    `select c.relname as name, pg_total_relation_size(c.oid) as bytes
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'headwater' and c.relkind = 'r'`,
  );
  return new Map(rows.map((row) => [row.name, Number(row.bytes)]));
}

export function urlOf(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

export async function execute(url: string, text: string): Promise<void> {
  await query(url, text);
}

export async function query<Row>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as Row[];
  } finally {
    await client.end();
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
