import { randomUUID } from 'node:crypto';

import { createHeadwater, orThrow } from 'headwater';
import type { Headwater } from 'headwater';
import { testSecret } from 'headwater/testing';
import pg from 'pg';
import { expect, it } from 'vitest';

import { migrate } from '../../packages/engine/src/store/migrate.ts';
import { migrations } from '../../packages/engine/src/store/migrations/index.ts';
import type { Migration } from '../../packages/engine/src/store/migrations/migration.ts';
import { createDatabase, createPool } from '../../packages/engine/src/store/postgres.ts';
import { createPostgresDatabase } from '../support/postgres.ts';

const clock = { now: () => Date.now() };
const newest = migrations.at(-1)!.id;
/** What recording an event does without: its tables are of partners alone. */
const before = migrations.filter(({ name }) => name !== 'commissions' && name !== 'payouts');
/** What versions to come may do to the tables that every event writes. */
const ahead: readonly Migration[] = [
  'alter table $.event add column note text; alter table $.visitor add column note text not null default $$none$$',
  'update $.session set interactions = interactions; alter table $.session add column note text',
  'create table $.note (workspace_id uuid not null, id uuid not null, primary key (workspace_id, id))',
].map((sql, index) => ({
  id: newest + 1 + index,
  name: `ahead ${index}`,
  breaking: false,
  reference: [],
  distributed: [],
  sql: (schema: string) => `${sql.replaceAll('$.', `${schema}.`)};`,
}));
const reportSeconds = 2;
const senders = 6;

it('upgrades a filled database while two engines of the version before take events: all are answered, none is lost', async () => {
  await using server = await createPostgresDatabase();
  const pool = createPool(server.url, 4);
  const database = createDatabase(pool, {
    size: 'server',
    schema: 'headwater',
    batchesInFlight: 2,
    prepare: true,
    onClose: () => pool.end(),
  });
  await migrate(database, clock, before);
  const options = { database: { url: server.url, connections: 4 }, secret: testSecret };
  const engines = [await createHeadwater(options), await createHeadwater(options)];
  const key = await fill(engines[0]!);
  for (const engine of engines) await engine.start();

  const statuses = new Map<number, number>();
  let answeredAt = performance.now();
  let longestPause = 0;
  const load = { goesOn: true };
  const send = async (engine: Headwater): Promise<void> => {
    while (load.goesOn) {
      const response = await post(engine, key, 'events', {
        person_external_id: `cust_${Math.floor(Math.random() * 50)}`,
        event_type: 'custom',
        event_name: 'tried',
        idempotency_key: randomUUID(),
      });
      const now = performance.now();
      longestPause = Math.max(longestPause, now - answeredAt);
      answeredAt = now;
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    }
  };
  const sending = Promise.all(
    Array.from({ length: senders }, (_, index) => send(engines[index % 2]!)),
  );

  // A report that somebody else reads: what changes its tables has to wait for it.
  const report = new pg.Client({ connectionString: server.url });
  await report.connect();
  await report.query('begin; select count(*) from headwater.event, headwater.visitor');
  const reported = new Promise((resolve) => setTimeout(resolve, reportSeconds * 1000)).then(() =>
    report.end(),
  );
  const upgrades = await Promise.all([
    migrate(database, clock, [...migrations, ...ahead]),
    migrate(database, clock, [...migrations, ...ahead]),
  ]);
  await reported;
  await new Promise((resolve) => setTimeout(resolve, 300));
  load.goesOn = false;
  await sending;

  expect(upgrades.flatMap(({ applied }) => applied).sort()).toEqual(
    ['ahead 0', 'ahead 1', 'ahead 2', 'commissions', 'payouts'].sort(),
  );
  expect([...statuses.keys()]).toEqual([201]);
  const { rows } = await database.query(
    "select count(*)::int as events from headwater.event where name = 'tried' and note is null",
  );
  expect(rows).toEqual([{ events: statuses.get(201) }]);
  // For the reader: the promise is two seconds, but a machine that runs other tests meanwhile is late itself.
  process.stderr.write(
    `${statuses.get(201)} events, the longest pause ${Math.round(longestPause)} ms\n`,
  );
  expect(longestPause).toBeLessThan(5_000);
  for (const engine of engines) await engine.close();
  await database.close();
}, 90_000);

/** Two thousand events of fifty people, and the key of who sends more. */
async function fill(engine: Headwater): Promise<string> {
  const { key } = orThrow(
    await engine.apiKeys.create({ kind: 'secret', name: 'Sender', scopes: ['admin'] }),
  );
  for (let person = 0; person < 50; person += 1)
    orThrow(await engine.visitors.identify({ externalId: `cust_${person}` }));
  for (let batch = 0; batch < 20; batch += 1) {
    const events = Array.from({ length: 100 }, (_, index) => ({
      person_external_id: `cust_${index % 50}`,
      event_type: 'custom',
      event_name: 'filled',
    }));
    expect((await post(engine, key, 'events/batch', { events })).status).toBe(201);
  }
  return key;
}

function post(engine: Headwater, key: string, path: string, body: unknown): Promise<Response> {
  return engine.handler(
    new Request(`https://app.test/hw/api/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
}
