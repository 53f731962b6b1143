import { createHeadwater, orThrow } from 'headwater';
import { testSecret } from 'headwater/testing';
import pg from 'pg';
import { expect, it } from 'vitest';

import { eventually } from '../server/server-process.ts';
import { startPostgresCluster } from '../support/postgres-cluster.ts';

const lagMax = { seconds: 2 };

it('reads reports from a streaming replica, says how fresh they are, and does without it when it is late or away', async () => {
  await using cluster = await startPostgresCluster();
  const replica = await cluster.startStandby();
  await using hw = await createHeadwater({
    database: { url: cluster.url },
    replica: { url: replica, lagMax },
    secret: testSecret,
  });
  await hw.migrate();
  const { key } = orThrow(
    await hw.apiKeys.create({ kind: 'secret', name: 'Reader', scopes: ['admin'] }),
  );
  orThrow(await hw.visitors.identify({ externalId: 'cust_1' }));
  const leads = async (count: number): Promise<void> => {
    for (let lead = 0; lead < count; lead += 1)
      orThrow(await hw.events.lead({ externalId: 'cust_1' }));
  };
  const ask = async (path: string): Promise<Response> =>
    hw.handler(
      new Request(`https://app.test/hw/api${path}`, {
        headers: { authorization: `Bearer ${key}` },
      }),
    );
  const report = async () => {
    const response = await ask('/analytics/summary');
    const { leads: known } = (await response.json()) as { leads: number };
    const asOf = response.headers.get('headwater-as-of');
    return {
      status: response.status,
      leads: known,
      asOf: asOf === null ? undefined : Date.parse(asOf),
    };
  };
  const control = new pg.Client({ connectionString: replica });
  control.on('error', () => undefined);
  await control.connect();

  await leads(3);
  await eventually('the replica has everything', async () => {
    const { leads: known, asOf } = await report();
    return asOf !== undefined && known === 3;
  });

  // Not that far behind: what it knows, with the time up to which it knows it.
  await control.query('select pg_wal_replay_pause()');
  await eventually(
    'replaying stands still',
    async () =>
      (await control.query<{ state: string }>('select pg_get_wal_replay_pause_state() as state'))
        .rows[0]?.state === 'paused',
  );
  await report();
  await leads(2);
  const recordedAt = Date.now();
  const late = await report();
  expect(late).toMatchObject({ status: 200, leads: 3, asOf: expect.any(Number) as number });
  expect(late.asOf).toBeLessThan(recordedAt);
  expect(orThrow(await hw.analytics.summary()).numbers.conversions).toMatchObject({ leads: 3 });
  // What the replica has not heard of is asked of the database itself.
  const funnel = orThrow(
    await hw.funnels.create({
      name: 'Leads',
      steps: [
        { filters: [{ kind: 'event', type: 'identify' }] },
        { filters: [{ kind: 'event', type: 'lead' }] },
      ],
    }),
  );
  expect((await ask(`/funnels/${funnel.id}/report`)).status).toBe(200);
  expect((await ask('/visitors/by-external-id/cust_1')).headers.has('headwater-as-of')).toBe(false);

  await eventually('it is too late to be read', async () => (await report()).asOf === undefined);
  expect(await report()).toMatchObject({ status: 200, leads: 5 });

  await control.query('select pg_wal_replay_resume()');
  await eventually('it has caught up', async () => {
    const { leads: known, asOf } = await report();
    return asOf !== undefined && known === 5;
  });

  await cluster.crashStandby();
  expect(await report()).toEqual({ status: 200, leads: 5, asOf: undefined });
  await control.end().catch(() => undefined);
}, 90_000);
