// `npm run bench -- merges`: 32 clients who say all the time that the same few people are one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgresCluster } from '../test/support/postgres-cluster.ts';
import { runLoad } from './child.ts';
import { basePath, startHeadwater } from './contender.ts';
import { markdownTable } from './report.ts';
import { postRequest } from './request.ts';
import { execute, query, urlOf } from './storage.ts';

const clients = 32;
/** As in the test list of `reference/identity-and-attribution.md` §8.3, row 5. */
const people = { devices: 300, emails: 40, users: 40 };
const limits = { perSecond: 1_000, deadlocks: 0, retriedShare: 0.01 };

export async function benchmarkMerges(args: readonly string[]): Promise<void> {
  const seconds = Number(args[args.indexOf('--seconds') + 1] ?? 10) || 10;
  const folder = mkdtempSync(join(tmpdir(), 'headwater-merges-'));
  try {
    await using cluster = await startPostgresCluster();
    await execute(cluster.url, 'create database merges');
    const url = urlOf(cluster.url, 'merges');
    await using server = await startHeadwater({ folder, url }, { visitors: 1, customers: 0 });
    const before = await countTransactions(url);
    const result = await runLoad({
      port: server.port,
      connections: clients,
      seconds,
      warmUpSeconds: 0,
      requests: identifications(server.apiKey),
      expectedStatus: 200,
    });
    // PostgreSQL tells its statistics a moment after the connection was idle.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const after = await countTransactions(url);
    const committed = after.committed - before.committed;
    const retriedShare = (after.rolledBack - before.rolledBack) / Math.max(1, committed);
    const [counted] = await query<{ merges: number; refusals: number }>(
      url,
      `select (select count(*)::int from headwater.merge) as merges,
              (select count(*)::int from headwater.merge_refusal) as refusals`,
    );
    const failed = Object.values(result.unexpected).reduce((sum, count) => sum + count, 0);
    const judge = (met: boolean): string => (met ? 'met' : 'missed');
    process.stdout.write(
      `${clients} clients, ${people.devices} devices, ${people.emails} emails and ${people.users} users, ${seconds} s: ` +
        `${counted?.merges} merges, ${counted?.refusals} kinds of refusals.\n\n${markdownTable(
          ['', 'measured', 'limit', ''],
          [
            [
              'identifications/s',
              Math.round(result.perSecond).toLocaleString('en'),
              limits.perSecond.toLocaleString('en'),
              judge(result.perSecond >= limits.perSecond),
            ],
            ['p50 ms', result.p50.toFixed(1), '', ''],
            ['p99 ms', result.p99.toFixed(1), '', ''],
            [
              'deadlocks',
              String(after.deadlocks - before.deadlocks),
              String(limits.deadlocks),
              judge(after.deadlocks === before.deadlocks),
            ],
            [
              'transactions rolled back',
              `${(retriedShare * 100).toFixed(2)} %`,
              'less than 1 %',
              judge(retriedShare < limits.retriedShare),
            ],
            ['failed', String(failed), '0', judge(failed === 0)],
          ],
        )}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every pair of a device and an email, and of a device and a user, in an order that puts neighbours far apart. */
function identifications(apiKey: string): string[] {
  const requests: string[] = [];
  for (let index = 0; index < people.devices * 20; index += 1) {
    const device = `device-${(index * 7) % people.devices}`;
    const known =
      index % 2 === 0
        ? { person_email: `mail-${(index * 11) % people.emails}@people.example` }
        : { person_external_id: `user-${(index * 13) % people.users}` };
    requests.push(
      postRequest(
        `${basePath}/api/visitors/identify`,
        { anonymous_id: device, ...known },
        { Authorization: `Bearer ${apiKey}` },
      ),
    );
  }
  return requests;
}

async function countTransactions(url: string): Promise<{
  readonly committed: number;
  readonly rolledBack: number;
  readonly deadlocks: number;
}> {
  const [row] = await query<{ committed: number; rolled_back: number; deadlocks: number }>(
    url,
    `select xact_commit::int as committed, xact_rollback::int as rolled_back, deadlocks::int as deadlocks
     from pg_stat_database where datname = current_database()`,
  );
  return {
    committed: row?.committed ?? 0,
    rolledBack: row?.rolled_back ?? 0,
    deadlocks: row?.deadlocks ?? 0,
  };
}
