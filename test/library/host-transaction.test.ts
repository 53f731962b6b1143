import { orThrow, type HostTransaction } from 'headwater';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { hostKinds, openHost, type Host } from './hosts.ts';

class ChangedItsMind extends Error {}

describe.each(hostKinds)('a transaction of a host on %s', (kind) => {
  let host: Host;
  beforeAll(async () => {
    host = await openHost(kind);
  }, 30_000);
  afterAll(() => host[Symbol.asyncDispose]());

  /** Runs the same work twice: once it is rolled back, once committed. */
  async function twice(work: (tx: HostTransaction) => Promise<unknown>): Promise<void> {
    const before = await everything();
    await expect(
      host.transaction(async (tx, run) => {
        await run("insert into account values ('Ada')");
        await work(tx);
        throw new ChangedItsMind();
      }),
    ).rejects.toThrow(ChangedItsMind);
    expect(await everything()).toEqual(before);
    await host.transaction(async (tx, run) => {
      await run("insert into account values ('Ada')");
      await work(tx);
    });
    expect(await host.run('select name from account')).toEqual([{ name: 'Ada' }]);
    await host.run('delete from account');
  }

  /** How many rows each table has that a call may write. */
  async function everything(): Promise<unknown> {
    const tables = [
      'account',
      ...[
        'link',
        'api_key',
        'workspace',
        'domain',
        'inbox',
        'change',
        'event',
        'invitation',
        'invitation_usage',
        'redemption',
      ].map((name) => `headwater.${name}`),
    ];
    return host.run(
      `select ${tables.map((name) => `(select count(*)::int from ${name}) as "${name}"`).join(', ')}`,
    );
  }

  it('holds links.create: both or neither', async () => {
    const { hw } = host;
    await twice(async (tx) => {
      const link = orThrow(
        await hw.links.create({ key: 'both', url: 'https://shop.test/' }, { tx }),
      );
      expect(link).toMatchObject({ key: 'both', domain: 'go.test', domainVerified: true });
    });
    expect(await hw.links.getByKey('go.test', 'both')).toMatchObject({ url: 'https://shop.test/' });
  });

  it('holds invitations.create, track and redeem with their events: both or neither', async () => {
    const { hw } = host;
    const invitation = orThrow(await hw.invitations.create({ usesMax: 1 }));
    const entity = ['user', `invited on ${kind}`] as const;
    await twice(async (tx) => {
      const made = orThrow(await hw.invitations.create({ token: 'inside' }, { tx }));
      expect(orThrow(await hw.invitations.validate('inside', { tx })).id).toBe(made.id);
      orThrow(await hw.invitations.track(invitation, { entity, action: 'visited' }, { tx }));
      const { redemption } = orThrow(
        await hw.invitations.redeem(invitation, { entity, action: 'registered' }, { tx }),
      );
      // Refusals leave the transaction good.
      for (const user of [entity[1], 'somebody else'])
        expect(
          await hw.invitations.redeem(invitation, { entity: ['user', user] }, { tx }),
        ).toMatchObject({ ok: false });
      orThrow(await hw.invitations.release(redemption, { tx }));
      orThrow(await hw.invitations.redeem(invitation, { entity }, { tx }));
    });
    expect((await hw.invitations.get(invitation.id))?.uses).toBe(1);
    await hw.events.flush();
    const visitor = await hw.visitors.getByExternalId(entity[1]);
    const { events } = orThrow(await hw.visitors.timeline(visitor!.id));
    expect(events.map(({ type }) => type).sort()).toEqual([
      'invitation',
      'redemption',
      'redemption',
      'registration',
    ]);
  });

  it('holds visitors.merge: both or neither', async () => {
    const { hw } = host;
    const [one, other] = [
      orThrow(await hw.visitors.resolve({ anonymousId: 'merged-1' })).visitor!.id,
      orThrow(await hw.visitors.resolve({ anonymousId: 'merged-2' })).visitor!.id,
    ];
    await twice(async (tx) => {
      const input = { visitorId: one, otherVisitorId: other };
      const merged = orThrow(await hw.visitors.merge(input, { tx, actor: 'support' }));
      expect(merged).toMatchObject({ visitor: undefined, identity: { outcome: 'none' } });
    });
    await hw.events.flush();
    expect((await hw.visitors.get(one))?.id).toBe((await hw.visitors.get(other))?.id);
    expect(orThrow(await hw.visitors.evidence(one)).merges).toMatchObject([{ actor: 'support' }]);
  });

  it('holds links.update and links.archive: both or neither', async () => {
    const { hw } = host;
    const link = orThrow(
      await hw.links.create({ key: 'changing', url: 'https://shop.test/a', tags: ['a'] }),
    );
    const expiresAt = new Date('2030-01-01T00:00:00Z');
    await twice(async (tx) => {
      const changed = orThrow(
        await hw.links.update(link.id, { url: 'https://shop.test/b', expiresAt }, { tx }),
      );
      expect(changed).toMatchObject({ url: 'https://shop.test/b', tags: ['a'], expiresAt });
    });
    expect(await hw.links.get(link.id)).toMatchObject({ url: 'https://shop.test/b', expiresAt });
    await twice(async (tx) => orThrow(await hw.links.archive(link.id, { tx })));
    expect((await hw.links.get(link.id))?.archivedAt).toEqual(new Date(hw.clock.now()));
  });

  it('goes on after a refusal', async () => {
    const { hw } = host;
    orThrow(
      await hw.links.create({ key: 'taken', url: 'https://shop.test/', externalId: 'campaign_1' }),
    );
    const other = orThrow(await hw.links.create({ url: 'https://shop.test/' }));
    await host.transaction(async (tx, run) => {
      expect(
        await hw.links.create({ key: 'taken', url: 'https://shop.test/' }, { tx }),
      ).toMatchObject({
        ok: false,
        code: 'link_key_taken',
      });
      expect(await hw.links.update(other.id, { externalId: 'campaign_1' }, { tx })).toMatchObject({
        ok: false,
        code: 'external_id_taken',
      });
      await run("insert into account values ('Grace')");
    });
    expect(await host.run('select name from account')).toEqual([{ name: 'Grace' }]);
    await host.run('delete from account');
  });

  it('holds a workspace, its domain and its API key: a tenant is there as a whole or not at all', async () => {
    const { hw } = host;
    let id = '';
    await twice(async (tx) => {
      const workspace = orThrow(
        await hw.workspaces.create({ name: 'Tenant', currency: 'EUR' }, { tx }),
      );
      id = workspace.id;
      orThrow(await hw.workspaces.claimDomain({ host: 'go.tenant.test' }, { workspaceId: id, tx }));
      orThrow(await hw.workspaces.update({ name: 'Tenant GmbH' }, { workspaceId: id, tx }));
      const key = orThrow(
        await hw.apiKeys.create({ kind: 'secret', name: 'Tenant' }, { workspaceId: id, tx }),
      );
      expect(key.key).toMatch(/^hw_sk_/);
      orThrow(
        await hw.links.create(
          { domain: 'go.tenant.test', url: 'https://shop.test/' },
          { workspaceId: id, tx },
        ),
      );
    });
    expect(await hw.workspaces.get(id)).toMatchObject({ name: 'Tenant GmbH', currency: 'EUR' });
    expect(orThrow(await hw.apiKeys.list({}, { workspaceId: id })).apiKeys).toMatchObject([
      { name: 'Tenant' },
    ]);
  });

  it('holds events.track and visitors.identify; what they say counts once, after the commit', async () => {
    const { hw } = host;
    await twice(async (tx) => {
      const identified = orThrow(
        await hw.visitors.identify(
          { externalId: 'cust_ada', email: 'ada@example.com', name: 'Ada' },
          { tx },
        ),
      );
      expect(identified.visitor).toBeUndefined();
      expect(
        orThrow(await hw.events.sale({ externalId: 'cust_ada', amountMinor: 4_900n }, { tx })),
      ).toMatchObject({
        outcome: 'accepted',
        queued: true,
      });
    });
    expect(await hw.visitors.getByExternalId('cust_ada')).toBeUndefined();
    await hw.events.flush();
    await hw.events.flush();
    expect(await hw.visitors.getByExternalId('cust_ada')).toMatchObject({
      status: 'customer',
      name: 'Ada',
      events: 2,
      lifetimeValue: [{ amountMinor: 4_900n, currency: 'USD' }],
    });
    expect(await host.run('select count(*)::int as waiting from headwater.inbox')).toEqual([
      { waiting: 0 },
    ]);
  });

  it('lets a read see what was written in it', async () => {
    const { hw } = host;
    await host.transaction(async (tx) => {
      const link = orThrow(
        await hw.links.create({ key: 'seen', url: 'https://shop.test/' }, { tx }),
      );
      expect(await hw.links.get(link.id, { tx })).toMatchObject({ key: 'seen' });
    });
  });

  it('needs no other connection, also when nothing is remembered', async () => {
    const other = await host.another();
    const { id } = await other.workspaces.first();
    const fresh = await host.another();
    await host.transaction(async (tx) => {
      expect(
        orThrow(await fresh.links.create({ url: 'https://shop.test/' }, { tx })),
      ).toMatchObject({ workspaceId: id });
    });
  });

  it('loses no event of a process that dies between the commit and the batch', async () => {
    const dying = await host.another();
    await host.transaction(async (tx) => {
      orThrow(await dying.visitors.identify({ externalId: 'cust_late' }, { tx }));
      orThrow(
        await dying.events.track(
          { type: 'lead', externalId: 'cust_late', idempotencyKey: 'signup-1' },
          { tx },
        ),
      );
    });
    // Another process takes the row in, and dies before it has left the inbox: it is there again.
    const inbox = await host.run('select * from headwater.inbox order by id');
    expect(inbox).toHaveLength(2);
    await host.hw.events.flush();
    const rows = inbox.map((row) => JSON.stringify(row).replaceAll("'", "''"));
    for (const row of rows)
      await host.run(
        `insert into headwater.inbox select * from jsonb_populate_record(null::headwater.inbox, '${row}')`,
      );
    const survivor = await host.another();
    await survivor.events.flush();
    expect(await survivor.visitors.getByExternalId('cust_late')).toMatchObject({
      status: 'lead',
      events: 2,
    });
    expect(
      await survivor.events.lead({ externalId: 'cust_late', idempotencyKey: 'signup-1' }),
    ).toMatchObject({
      ok: true,
      value: { outcome: 'duplicate' },
    });
  });
});
