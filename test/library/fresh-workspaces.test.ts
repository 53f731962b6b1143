/** What an engine remembers of workspaces where the host has not called `start()`. */
import { orThrow } from 'headwater';
import { createTestClock, createTestHeadwater } from 'headwater/testing';
import { describe, expect, it } from 'vitest';

import { openTestPool } from '../support/pool.ts';

describe('an engine that was not started', () => {
  it('learns of what another process has changed', async () => {
    await using application = await openTestPool();
    const clock = createTestClock();
    const database = { pool: application.pool };
    let records: string[][] = [];
    const resolveTxt = () => Promise.resolve(records);
    await using one = await createTestHeadwater({ database, clock, resolveTxt });
    await using other = await createTestHeadwater({ database, clock, resolveTxt });
    const { id } = await other.workspaces.first();
    const follow = async () => {
      const { status } = await other.handler(new Request('http://go.test/a'));
      return status;
    };
    expect(await follow()).toBe(404);

    orThrow(await one.workspaces.update({ settings: { retentionDays: 30 } }));
    const claim = orThrow(await one.workspaces.claimDomain({ host: 'go.test' }));
    records = [[`headwater-verification=${claim.verificationToken}`]];
    orThrow(await one.workspaces.verifyDomain({ host: 'go.test' }));
    orThrow(await one.links.create({ domain: 'go.test', key: 'a', url: 'https://shop.test/' }));
    const { key, id: keyId } = orThrow(await one.apiKeys.create({ kind: 'secret', name: 'a' }));
    const ask = async () => {
      const headers = { authorization: `Bearer ${key}` };
      const { status } = await other.handler(
        new Request('http://api.test/hw/api/workspace', { headers }),
      );
      return status;
    };
    expect(await ask()).toBe(200);
    orThrow(await one.apiKeys.revoke({ id: keyId }));
    clock.advance({ seconds: 2 });

    expect(await ask()).toBe(401);
    expect((await other.workspaces.first()).settings).toEqual({ retentionDays: 30 });
    expect((await other.workspaces.get(id))?.settings).toEqual({ retentionDays: 30 });
    expect(await follow()).toBe(302);
    const occurredAt = new Date(clock.now() - 31 * 86_400_000);
    expect(
      await other.events.track({ type: 'lead', externalId: 'cust_1', occurredAt }),
    ).toMatchObject({ code: 'too_old' });
  });

  it('does not keep what it read before the transaction of its host committed', async () => {
    await using application = await openTestPool();
    const { pool } = application;
    await using hw = await createTestHeadwater({ database: { pool } });
    const { id } = await hw.workspaces.first();
    const client = await pool.connect();
    await client.query('begin');
    orThrow(await hw.workspaces.update({ name: 'Renamed' }, { tx: client }));
    hw.clock.advance({ seconds: 2 });
    expect((await hw.workspaces.get(id))?.name).toBe('Default');
    await client.query('commit');
    client.release();
    hw.clock.advance({ seconds: 2 });
    expect((await hw.workspaces.get(id))?.name).toBe('Renamed');
  });
});
