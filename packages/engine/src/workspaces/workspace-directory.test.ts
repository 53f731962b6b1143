import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { orThrow } from '../kernel/result.ts';
import { claimDomain } from './claim-domain.ts';
import { createWorkspace } from './create-workspace.ts';
import type { Domain } from './domain.ts';
import { listDomains } from './list-domains.ts';
import { listWorkspaces } from './list-workspaces.ts';
import { removeDomain } from './remove-domain.ts';
import { updateWorkspace } from './update-workspace.ts';
import { verifyDomain } from './verify-domain.ts';

describe.each(testDatabaseSizes)('workspaces on %s', (size) => {
  let context: TestContext;
  const records = new Map<string, string[][]>();
  beforeAll(async () => {
    context = await openTestContext(size, {
      links: { domains: ['Go.Example.com'] },
      ownHosts: ['www.example.com'],
      resolveTxt: (name) => Promise.resolve(records.get(name) ?? []),
    });
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('makes the first workspace once, however many processes ask at once', async () => {
    const processes = Array.from({ length: 5 }, () => context.another());
    const firsts = await Promise.all(
      processes.flatMap((process) => [process.workspaces.first(), process.workspaces.first()]),
    );
    expect(new Set(firsts.map((workspace) => workspace.id)).size).toBe(1);
    expect(orThrow(await listWorkspaces(context))).toHaveLength(1);
  });

  it('gives each workspace a data key of its own that is stored encrypted', async () => {
    const one = orThrow(await createWorkspace(context, { name: 'Café Nord' }));
    const other = orThrow(await createWorkspace(context, { name: 'Other' }));
    expect(one.slug).toBe('cafe-nord');
    expect(one.dataKey).toHaveLength(32);
    expect(one.dataKey.equals(other.dataKey)).toBe(false);
    const row = await context.database.db
      .selectFrom('workspace')
      .select('data_key')
      .where('id', '=', one.id)
      .executeTakeFirstOrThrow();
    expect(Buffer.from(row.data_key).includes(one.dataKey)).toBe(false);
    expect((await context.another().workspaces.get(one.id))?.dataKey).toEqual(one.dataKey);
  });

  it('refuses a slug that is taken and input that breaks the rules', async () => {
    orThrow(await createWorkspace(context, { name: 'Twice', slug: 'twice' }));
    expect(await createWorkspace(context, { name: 'Twice', slug: 'twice' })).toMatchObject({
      ok: false,
      code: 'slug_taken',
    });
    expect(
      await createWorkspace(context, {
        name: ' ',
        slug: '-',
        currency: 'usd',
        timezone: 'Not/AZone',
      }),
    ).toMatchObject({
      code: 'validation_failed',
      errors: {
        name: [expect.any(String)],
        slug: [expect.any(String)],
        currency: [expect.any(String)],
        timezone: [expect.any(String)],
      },
    });
  });

  it('merges settings by key, and null brings a default back', async () => {
    const workspace = orThrow(
      await createWorkspace(context, {
        name: 'Settings',
        settings: { browserSales: true, retentionDays: 30 },
      }),
    );
    const changed = orThrow(
      await updateWorkspace(context, workspace, {
        currency: 'JPY',
        settings: { retentionDays: null, ownHosts: ['Shop.test'] },
      }),
    );
    expect(changed.settings).toEqual({ browserSales: true, ownHosts: ['Shop.test'] });
    const read = await context.workspaces.get(workspace.id);
    expect(read).toMatchObject({ currency: 'JPY', name: 'Settings' });
    expect([...context.workspaces.ownHosts(read!)].sort()).toEqual([
      'go.example.com',
      'shop.test',
      'www.example.com',
    ]);
  });

  it('serves the configured link domains for the first workspace', async () => {
    const first = await context.workspaces.first();
    expect((await context.workspaces.forHost('go.example.com'))?.id).toBe(first.id);
    expect(await context.workspaces.forHost('stranger.example.com')).toBeUndefined();
  });

  it('gives a host to the workspace that proves it first, and frees it when it is removed', async () => {
    const one = orThrow(await createWorkspace(context, { name: 'One' }));
    const two = orThrow(await createWorkspace(context, { name: 'Two' }));
    const claim = orThrow(await claimDomain(context, one, { host: 'Links.Example.org' }));
    const rival = orThrow(await claimDomain(context, two, { host: 'links.example.org' }));
    expect(claim.host).toBe('links.example.org');
    expect(await claimDomain(context, one, { host: 'links.example.org' })).toEqual({
      ok: true,
      value: claim,
    });
    expect(await context.workspaces.forHost('links.example.org')).toBeUndefined();

    const { host } = claim;
    const proofOf = ({ verificationToken }: Domain) => [
      ['v=spf1 -all'],
      ['headwater-verification=', verificationToken],
    ];
    records.set('_headwater.links.example.org', proofOf(rival));
    expect(await verifyDomain(context, one, { host })).toMatchObject({
      ok: false,
      code: 'domain_not_proven',
    });
    records.set('_headwater.links.example.org', proofOf(claim));
    orThrow(await verifyDomain(context, one, { host }));
    records.set('_headwater.links.example.org', proofOf(rival));
    expect(await verifyDomain(context, two, { host })).toMatchObject({
      ok: false,
      code: 'domain_taken',
    });
    const served = await context.workspaces.forHost('links.example.org');
    expect(served?.id).toBe(one.id);
    expect(context.workspaces.ownHosts(served!).has('links.example.org')).toBe(true);

    const third = orThrow(await createWorkspace(context, { name: 'Three' }));
    expect(await claimDomain(context, third, { host: claim.host })).toMatchObject({
      code: 'domain_taken',
    });
    orThrow(await removeDomain(context, one, { host: claim.host }));
    expect(await context.workspaces.forHost('links.example.org')).toBeUndefined();
    expect(orThrow(await listDomains(context, one)).domains).toEqual([]);
    expect(await removeDomain(context, one, { host: claim.host })).toMatchObject({
      code: 'domain_not_found',
    });
  });

  it('writes a change for other processes with each change', async () => {
    const workspace = orThrow(await createWorkspace(context, { name: 'Watched' }));
    await updateWorkspace(context, workspace, { name: 'Watched still' });
    orThrow(await claimDomain(context, workspace, { host: 'watched.example' }));
    const changes = await context.database.db
      .selectFrom('change')
      .select(['topic', 'subject'])
      .where('workspace_id', '=', workspace.id)
      .orderBy('id')
      .execute();
    expect(changes).toEqual([
      { topic: 'workspace', subject: { id: workspace.id } },
      { topic: 'workspace', subject: { id: workspace.id } },
      { topic: 'domain', subject: { host: 'watched.example' } },
    ]);
  });

  it('joins the transaction of the host', async () => {
    await context.database.db
      .transaction()
      .execute(async (tx) => {
        orThrow(await createWorkspace(context, { name: 'Undone', slug: 'undone' }, { tx }));
        throw new Error('the host thinks again');
      })
      .catch(() => undefined);
    const slugs = orThrow(await listWorkspaces(context, { limit: 200 })).map(
      (workspace) => workspace.slug,
    );
    expect(slugs).not.toContain('undone');
  });
});
