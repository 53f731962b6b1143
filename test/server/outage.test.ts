import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runLoad } from '../../bench/child.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';
import { callApi, eventually, linkHost, readMetric, startServer } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

const perSecond = 2_000;
/** How long the database is away: `HEADWATER_OUTAGE_SECONDS=60` shows the promise of the contract in full. */
const outageSeconds = Number(process.env['HEADWATER_OUTAGE_SECONDS'] ?? 3);

let folder: string;
let cluster: PostgresCluster;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-outage-'));
  cluster = await startPostgresCluster();
}, 60_000);

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe(`PostgreSQL away for ${outageSeconds} s at ${perSecond} clicks/s`, () => {
  const timeout = 120_000 + outageSeconds * 4_000;

  it('costs no redirect and no click when the server process crashes', { timeout }, async () => {
    await expectNoneLost('crashed', async () => {
      await cluster.crash();
      await sleep(outageSeconds * 1000);
      await cluster.restart();
    });
  });

  it('costs no redirect and no click when it hangs', { timeout }, async () => {
    await expectNoneLost('hung', async () => {
      const pids = await serverProcesses();
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await sleep(outageSeconds * 1000);
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    });
  });

  it('lets a server start, serve known links, and catch up', { timeout }, async () => {
    const variables = await newDatabase('started');
    let key: string;
    let linkId: string;
    {
      await using server = await startServer(variables);
      key = server.secretKey!;
      linkId = await createLink(server, key);
      expect((await click(server, 10, 100)).unexpected).toEqual({});
      server.signal('SIGTERM');
      await server.ended;
    }
    await cluster.crash();
    await using server = await startServer(variables);
    expect(server.ready).toBe(false);
    expect((await fetch(`${server.origin}/readyz`)).status).toBe(503);
    expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
    expect((await click(server, 10, 200)).unexpected).toEqual({});
    await cluster.restart();
    await eventually(
      'it is ready',
      async () => (await fetch(`${server.origin}/readyz`)).status === 200,
    );
    await expectClicks(server, key, linkId, 300);
    expect(server.log()).not.toContain('hw_sk_');
  });
});

async function expectNoneLost(name: string, outage: () => Promise<void>): Promise<void> {
  const variables = await newDatabase(name);
  await using server = await startServer(variables);
  const key = server.secretKey!;
  const linkId = await createLink(server, key);
  await click(server, 20, 200);

  // The clicks go on while the spool is drained.
  const seconds = 1 + 2 * outageSeconds;
  const [result] = await Promise.all([
    click(server, 100, seconds * perSecond, perSecond),
    sleep(1_000).then(outage),
  ]);
  expect(result.unexpected).toEqual({});
  // For the reader: the promise is 100 ms, but a machine that runs other tests meanwhile proves nothing.
  process.stderr.write(
    `${name}: ${result.requests} clicks, p50 ${result.p50.toFixed(1)} ms, p99 ${result.p99.toFixed(1)} ms, p99.9 ${result.p999.toFixed(1)} ms\n`,
  );
  expect(await readMetric(server, 'headwater_clicks_spooled_total')).toBeGreaterThan(0);
  expect(await readMetric(server, 'headwater_clicks_lost_total')).toBe(0);
  await expectClicks(server, key, linkId, 200 + result.requests);
}

async function expectClicks(
  server: ServerProcess,
  key: string,
  linkId: string,
  clicks: number,
): Promise<void> {
  await eventually(
    'the spool is drained',
    async () => (await readMetric(server, 'headwater_spool_waiting')) === 0,
    60,
  );
  await eventually(
    `the link has ${clicks} clicks`,
    async () =>
      Number((await callApi(server, key, 'GET', `links/${linkId}/stats`)).body['total_clicks']) >=
      clicks,
    60,
  );
  const stats = await callApi(server, key, 'GET', `links/${linkId}/stats`);
  expect(stats.body['total_clicks']).toBe(clicks);
}

async function createLink(server: ServerProcess, key: string): Promise<string> {
  const link = await callApi(server, key, 'POST', 'links', {
    domain: linkHost,
    key: 'launch',
    url: 'https://shop.example/',
  });
  expect(link.status).toBe(201);
  return String(link.body['id']);
}

function click(server: ServerProcess, connections: number, requestsMax: number, rate?: number) {
  const request =
    `GET /launch HTTP/1.1\r\nHost: ${linkHost}\r\n` +
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\r\nAccept: text/html\r\n\r\n';
  return runLoad({
    port: server.port,
    connections,
    seconds: 600,
    warmUpSeconds: 0,
    requests: [request],
    requestsMax,
    expectedStatus: 302,
    ...(rate === undefined ? {} : { rate }),
  });
}

async function newDatabase(name: string): Promise<Readonly<Record<string, string>>> {
  await execute(`create database ${name}`);
  const url = new URL(cluster.url);
  url.pathname = `/${name}`;
  return {
    DATABASE_URL: url.href,
    HEADWATER_SECRET: 'a secret of the tests that is long enough',
    HEADWATER_DATA: join(folder, name),
  };
}

/** Every process of the server: the postmaster is the parent of the others. */
async function serverProcesses(): Promise<readonly number[]> {
  const rows = await execute(
    `select pid, pg_read_file('postmaster.pid') as postmaster from pg_stat_activity where pid <> pg_backend_pid()`,
  );
  return [
    Number.parseInt(String(rows[0]?.['postmaster']), 10),
    ...rows.map((row) => Number(row['pid'])),
  ];
}

async function execute(text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: cluster.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
