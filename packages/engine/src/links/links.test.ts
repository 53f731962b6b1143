import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { orThrow } from '../kernel/result.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { archiveLink } from './archive-link.ts';
import { createLink } from './create-link.ts';
import type { LinkInput } from './create-link.ts';
import { getLink, getLinkByExternalId, getLinkByKey } from './get-link.ts';
import { linkClicks } from './link-clicks.ts';
import { createLinkCache } from './link-cache.ts';
import { linkStats } from './link-stats.ts';
import { listLinks } from './list-links.ts';
import type { ListLinksInput } from './list-links.ts';
import { updateLink } from './update-link.ts';

const nowhere = '01900000-0000-7000-8000-000000000000';

describe.each(testDatabaseSizes)('links on %s', (size) => {
  let context: TestContext;
  let workspace: Workspace;
  let other: Workspace;
  beforeAll(async () => {
    context = await openTestContext(size, {
      links: { domains: ['mybrand.link'], appSchemes: ['myapp'] },
    });
    workspace = await context.workspaces.first();
    other = orThrow(await createWorkspace(context, { name: 'Other' }));
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const create = async (input: Partial<LinkInput> = {}, owner = workspace) =>
    orThrow(
      await createLink(context, owner, {
        domain: 'mybrand.link',
        url: 'https://example.com/',
        ...input,
      }),
    );
  const list = async (input: ListLinksInput, owner = workspace) =>
    orThrow(await listLinks(context, owner, input));
  const changes = (id: string) =>
    context.database.db
      .selectFrom('change')
      .selectAll()
      .where('topic', '=', 'link')
      .execute()
      .then((rows) => rows.filter((row) => row.subject['id'] === id));

  describe('createLink', () => {
    it('keeps every field of the source document', async () => {
      const input = {
        domain: 'mybrand.link',
        key: 'gw-launch',
        url: 'https://example.com/pricing',
        linkType: 'campaign',
        utmSource: 'twitter',
        utmMedium: 'social',
        utmCampaign: 'launch-2026',
        utmContent: 'hero-link',
        utmTerm: 'analytics',
        iosUrl: 'myapp://pricing',
        androidUrl: 'myapp://pricing',
        expiresAt: new Date('2026-12-31T23:59:59Z'),
        tags: ['launch', 'social'],
        externalId: 'campaign_123',
        metadata: { owner: 'growth', nested: { list: [1, 'zwei', null] } },
        geoTargeting: { de: 'https://example.de/' },
      } as const;
      const { domainVerified, ...link } = await create(input);
      expect(domainVerified).toBe(true);
      expect(link).toMatchObject({
        ...input,
        geoTargeting: { DE: 'https://example.de/' },
        workspaceId: workspace.id,
      });
      expect(await getLink(context, workspace, link.id)).toEqual(link);
      expect(await getLinkByKey(context, workspace, 'MYBRAND.link', 'gw-launch')).toEqual(link);
      expect(await getLinkByExternalId(context, workspace, 'campaign_123')).toEqual(link);
      expect(await getLink(context, other, link.id)).toBeUndefined();
    });

    it('takes the first configured domain and makes a key where none is given', async () => {
      const link = orThrow(await createLink(context, workspace, { url: 'https://example.com/' }));
      expect(link).toMatchObject({
        domain: 'mybrand.link',
        linkType: 'short',
        tags: [],
        metadata: {},
      });
      expect(link.key).toMatch(/^[2-9A-Za-z]{7}$/);
    });

    it('normalises the domain', async () => {
      expect((await create({ domain: 'Bücher.Example:8443' })).domain).toBe(
        'xn--bcher-kva.example:8443',
      );
      expect((await create({ domain: 'go.example.:443' })).domain).toMatch(/^go\.example/);
    });

    it('says that a domain is not verified, and claims nothing', async () => {
      const squatter = await create({ domain: 'victim.example', key: 'promo' }, other);
      const victim = await create({ domain: 'victim.example', key: 'promo' });
      expect([squatter.domainVerified, victim.domainVerified]).toEqual([false, false]);
      expect((await create({ key: 'promo' }, other)).domainVerified).toBe(false);
    });

    it('refuses a key that is taken, and only there', async () => {
      await create({ key: 'taken' });
      expect(
        await createLink(context, workspace, { key: 'taken', url: 'https://example.com/' }),
      ).toMatchObject({
        ok: false,
        code: 'link_key_taken',
      });
      await create({ key: 'Taken' });
      await create({ key: 'taken', domain: 'second.link' });
    });

    it('refuses an external id that is taken', async () => {
      await create({ externalId: 'order-1' });
      expect(
        await createLink(context, workspace, {
          externalId: 'order-1',
          url: 'https://example.com/',
        }),
      ).toMatchObject({
        ok: false,
        code: 'external_id_taken',
        errors: { externalId: ['is taken'] },
      });
      await create({ externalId: 'order-1' }, other);
    });

    it('names every field that is wrong', async () => {
      const refused = await createLink(context, workspace, {
        domain: 'http://mybrand.link/x',
        key: 'api/../x ?',
        url: 'https://user:pass@example.com/\r\n',
        linkType: 'referral',
        tags: [''],
      });
      expect(refused).toMatchObject({ ok: false, code: 'invalid_link' });
      expect(refused.ok ? {} : Object.keys(refused.errors ?? {}).sort()).toEqual([
        'domain',
        'key',
        'partnerId',
        'tags',
        'url',
      ]);
      expect(
        await createLink(context, workspace, { key: 'hw', url: 'https://example.com/' }),
      ).toMatchObject({
        errors: { key: ['is reserved'] },
      });
    });

    it('makes one of many parallel links with the same key', async () => {
      const results = await Promise.all(
        Array.from({ length: 10 }, () =>
          createLink(context, workspace, { key: 'race', url: 'https://example.com/' }),
        ),
      );
      expect(results.filter((result) => result.ok)).toHaveLength(1);
      expect(
        results.filter((result) => !result.ok && result.code === 'link_key_taken'),
      ).toHaveLength(9);
    });

    it('writes the change that other processes read', async () => {
      const link = await create({ key: 'change' });
      const rows = await changes(link.id);
      expect(rows).toMatchObject([
        {
          workspace_id: workspace.id,
          subject: { domain: 'mybrand.link', key: 'change', id: link.id },
        },
      ]);
    });
  });

  describe('updateLink', () => {
    it('changes what is given and clears what is null', async () => {
      const link = await create({
        utmSource: 'a',
        utmMedium: 'b',
        tags: ['x'],
        expiresAt: new Date('2027-01-01T00:00:00Z'),
      });
      context.clock.moveBy(1_000);
      const updated = orThrow(
        await updateLink(context, workspace, link.id, {
          url: 'https://new.com',
          utmSource: null,
          expiresAt: null,
        }),
      );
      expect(updated).toMatchObject({
        url: 'https://new.com',
        utmSource: null,
        utmMedium: 'b',
        tags: ['x'],
        expiresAt: null,
      });
      expect(updated.updatedAt.getTime()).toBe(context.clock.now());
      expect(await getLink(context, workspace, link.id)).toEqual(updated);
      expect(await changes(link.id)).toHaveLength(2);
    });

    it('keeps all of several parallel changes', async () => {
      const link = await create();
      await Promise.all([
        updateLink(context, workspace, link.id, { utmSource: 'a' }),
        updateLink(context, workspace, link.id, { utmMedium: 'b' }),
        updateLink(context, workspace, link.id, { utmTerm: 'c' }),
      ]);
      expect(await getLink(context, workspace, link.id)).toMatchObject({
        utmSource: 'a',
        utmMedium: 'b',
        utmTerm: 'c',
      });
    });

    it('never changes domain and key', async () => {
      const link = await create({ key: 'fixed' });
      const renamed: Record<string, unknown> = { key: 'renamed', domain: 'other.link' };
      expect(await updateLink(context, workspace, link.id, renamed)).toMatchObject({
        code: 'invalid_link',
        errors: { domain: ['cannot be changed'], key: ['cannot be changed'] },
      });
      const same: Record<string, unknown> = {
        key: 'fixed',
        domain: 'mybrand.link',
        tags: ['same'],
      };
      expect(await updateLink(context, workspace, link.id, same)).toMatchObject({ ok: true });
    });

    it('refuses an external id that is taken', async () => {
      await create({ externalId: 'first' });
      const link = await create({ externalId: 'second' });
      expect(await updateLink(context, workspace, link.id, { externalId: 'first' })).toMatchObject({
        code: 'external_id_taken',
      });
      expect(await getLink(context, workspace, link.id)).toMatchObject({ externalId: 'second' });
      expect(await updateLink(context, workspace, link.id, { externalId: null })).toMatchObject({
        ok: true,
      });
    });

    it('finds links of its workspace only', async () => {
      const link = await create();
      for (const id of [nowhere, 'not-a-uuid']) {
        expect(await updateLink(context, workspace, id, {})).toMatchObject({
          code: 'link_not_found',
        });
      }
      expect(await updateLink(context, other, link.id, { tags: [] })).toMatchObject({
        code: 'link_not_found',
      });
      expect(await archiveLink(context, other, link.id)).toMatchObject({ code: 'link_not_found' });
    });
  });

  describe('archiveLink', () => {
    it('frees domain, key and external id', async () => {
      const link = await create({ key: 'again', externalId: 'again' });
      const archived = orThrow(await archiveLink(context, workspace, link.id));
      expect(archived.archivedAt?.getTime()).toBe(context.clock.now());
      expect(await getLink(context, workspace, link.id)).toEqual(archived);
      expect(await getLinkByKey(context, workspace, 'mybrand.link', 'again')).toBeUndefined();
      await create({ key: 'again', externalId: 'again' });
    });

    it('does nothing the second time, and closes the link to changes', async () => {
      const link = await create();
      const archived = orThrow(await archiveLink(context, workspace, link.id));
      context.clock.moveBy(1_000);
      expect(orThrow(await archiveLink(context, workspace, link.id))).toEqual(archived);
      expect(await updateLink(context, workspace, link.id, { tags: [] })).toMatchObject({
        code: 'link_archived',
      });
    });
  });

  describe('listLinks', () => {
    it('pages newest first by offset and by cursor, and filters', async () => {
      const owner = orThrow(await createWorkspace(context, { name: 'Lists' }));
      const made: string[] = [];
      for (let index = 0; index < 5; index += 1) {
        context.clock.moveBy(1);
        const even = index % 2 === 0;
        const link = await create(
          {
            domain: even ? 'even.link' : 'odd.link',
            tags: even ? ['even'] : [],
            linkType: even ? 'campaign' : 'short',
          },
          owner,
        );
        made.unshift(link.id);
      }
      const ids = async (input: ListLinksInput) =>
        (await list(input, owner)).links.map(({ id }) => id);
      expect(await ids({})).toEqual(made);
      expect(await ids({ limit: 2, offset: 1 })).toEqual(made.slice(1, 3));
      expect(await ids({ domain: 'ODD.link' })).toEqual([made[1], made[3]]);
      expect(await ids({ tag: 'even' })).toEqual([made[0], made[2], made[4]]);
      expect(await ids({ linkType: 'short' })).toEqual([made[1], made[3]]);
      expect(await ids({ domain: 'no host' })).toEqual([]);

      const walked: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await list({ limit: 2, cursor }, owner);
        walked.push(...page.links.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(walked).toEqual(made);

      orThrow(await archiveLink(context, owner, made[0]!));
      expect(await ids({})).toEqual(made.slice(1));
      expect(await ids({ archived: 'with' })).toEqual(made);
      expect(await ids({ archived: 'only' })).toEqual([made[0]]);
    });

    it.each([
      { limit: 0 },
      { limit: 201 },
      { limit: 1.5 },
      { offset: -1 },
      { cursor: 'x' },
      { tag: '\0' },
    ])('refuses %j', async (input) => {
      const refused = await listLinks(context, workspace, input);
      expect(refused).toMatchObject({
        ok: false,
        code: 'invalid_query',
        errors: { [Object.keys(input)[0]!]: [expect.any(String)] },
      });
    });
  });

  describe('linkStats', () => {
    it('has zeros for a new link, and revenue in each currency later', async () => {
      const link = await create();
      expect(orThrow(await linkStats(context, workspace, link.id))).toEqual({
        clicks: 0,
        uniqueClicks: 0,
        machineClicks: 0,
        leads: 0,
        sales: 0,
        revenueMinor: 0n,
        revenue: [],
      });
      const key = { workspace_id: workspace.id, link_id: link.id };
      await context.database.db
        .insertInto('link_counter')
        .values({
          ...key,
          clicks: 42n,
          unique_clicks: 38n,
          machine_clicks: 7n,
          leads: 5n,
          sales: 2n,
        })
        .execute();
      await context.database.db
        .insertInto('link_revenue')
        .values([
          { ...key, currency: workspace.currency, amount_minor: 9_800n },
          { ...key, currency: 'JPY', amount_minor: 9_007_199_254_740_993n },
        ])
        .execute();
      const stats = orThrow(await linkStats(context, workspace, link.id));
      expect(stats).toMatchObject({
        clicks: 42,
        uniqueClicks: 38,
        machineClicks: 7,
        leads: 5,
        sales: 2,
        revenueMinor: 9_800n,
      });
      expect(stats.revenue).toContainEqual({
        currency: 'JPY',
        amountMinor: 9_007_199_254_740_993n,
      });
      expect(await linkStats(context, other, link.id)).toMatchObject({ code: 'link_not_found' });
      expect(await linkClicks(context, other, link.id)).toMatchObject({ code: 'link_not_found' });
      expect(orThrow(await linkClicks(context, workspace, link.id)).clicks).toEqual([]);
    });
  });

  describe('createLinkCache', () => {
    it('asks once, for links and for keys that lead nowhere, and forgets what changes here', async () => {
      const cache = createLinkCache({ ...context, size: 100 });
      expect(await cache.find(workspace.id, 'mybrand.link', 'cached')).toBeUndefined();
      expect(cache.find(workspace.id, 'mybrand.link', 'cached')).toBeUndefined();
      const link = await create({ key: 'cached' });
      const [first, second] = await Promise.all([
        cache.find(workspace.id, 'mybrand.link', 'cached'),
        cache.find(workspace.id, 'mybrand.link', 'cached'),
      ]);
      expect(first).toMatchObject({ id: link.id, url: 'https://example.com/' });
      expect(second).toBe(first);
      expect(cache.find(workspace.id, 'mybrand.link', 'cached')).toBe(first);
      orThrow(await updateLink(context, workspace, link.id, { url: 'https://new.com/' }));
      expect(await cache.find(workspace.id, 'mybrand.link', 'cached')).toMatchObject({
        url: 'https://new.com/',
      });
      orThrow(await archiveLink(context, workspace, link.id));
      expect(await cache.find(workspace.id, 'mybrand.link', 'cached')).toBeUndefined();
      cache.close();
    });

    it('serves a host for the workspace that has it now', async () => {
      const cache = createLinkCache({ ...context, size: 100 });
      const link = await create({ domain: 'moving.link', key: 'x' });
      expect(await cache.find(workspace.id, 'moving.link', 'x')).toMatchObject({ id: link.id });
      expect(await cache.find(other.id, 'moving.link', 'x')).toBeUndefined();
      cache.close();
    });

    it('learns of another process within a reading of the change log', async () => {
      const neighbour = context.another();
      const cache = createLinkCache({ ...neighbour, size: 100 });
      const link = await create({ key: 'shared' });
      expect(await cache.find(workspace.id, 'mybrand.link', 'shared')).toMatchObject({
        url: 'https://example.com/',
      });
      orThrow(await updateLink(context, workspace, link.id, { url: 'https://new.com/' }));
      context.clock.moveBy(1_001);
      expect(await cache.find(workspace.id, 'mybrand.link', 'shared')).toMatchObject({
        url: 'https://new.com/',
      });
      cache.close();
    });

    it('does not remember an answer that was overtaken by a change', async () => {
      const cache = createLinkCache({ ...context, size: 100 });
      const link = await create({ key: 'overtaken' });
      await context.changeLog.poll();
      const asked = cache.find(workspace.id, 'mybrand.link', 'overtaken');
      context.changeLog.announce({
        workspaceId: workspace.id,
        topic: 'link',
        subject: { domain: 'mybrand.link', key: 'overtaken', id: link.id },
      });
      expect(await asked).toMatchObject({ id: link.id });
      expect([...cache.links()].some(({ id }) => id === link.id)).toBe(false);
      cache.close();
    });
  });
});

describe('links in a transaction of the host', () => {
  let context: TestContext;
  let workspace: Workspace;
  let pool: pg.Pool;
  beforeAll(async () => {
    context = await openTestContext('postgres', { links: { domains: ['mybrand.link'] } });
    workspace = await context.workspaces.first();
    pool = new pg.Pool({ connectionString: await urlOf(context), max: 2 });
  }, 30_000);
  afterAll(async () => {
    await pool.end();
    await context[Symbol.asyncDispose]();
  });

  async function within(
    end: 'commit' | 'rollback',
    work: (tx: pg.PoolClient) => Promise<void>,
  ): Promise<void> {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await work(client);
      await client.query(end);
    } finally {
      client.release();
    }
  }

  it('commits and rolls back with it', async () => {
    await within('commit', async (tx) => {
      const link = orThrow(
        await createLink(context, workspace, { key: 'kept', url: 'https://example.com/' }, { tx }),
      );
      expect(link.domainVerified).toBe(true);
      expect(await getLink(context, workspace, link.id)).toBeUndefined();
    });
    await within('rollback', async (tx) => {
      orThrow(
        await createLink(context, workspace, { key: 'gone', url: 'https://example.com/' }, { tx }),
      );
    });
    expect(await getLinkByKey(context, workspace, 'mybrand.link', 'kept')).toBeDefined();
    expect(await getLinkByKey(context, workspace, 'mybrand.link', 'gone')).toBeUndefined();
  });

  it('leaves the transaction good when it refuses', async () => {
    const taken = orThrow(
      await createLink(context, workspace, {
        key: 'taken',
        externalId: 'taken',
        url: 'https://example.com/',
      }),
    );
    await within('commit', async (tx) => {
      const input = { key: 'taken', url: 'https://example.com/' };
      expect(await createLink(context, workspace, input, { tx })).toMatchObject({
        code: 'link_key_taken',
      });
      const link = orThrow(
        await createLink(context, workspace, { key: 'good', url: 'https://example.com/' }, { tx }),
      );
      expect(
        await updateLink(context, workspace, link.id, { externalId: 'taken' }, { tx }),
      ).toMatchObject({ code: 'external_id_taken' });
      orThrow(await updateLink(context, workspace, link.id, { externalId: 'free' }, { tx }));
      orThrow(await archiveLink(context, workspace, taken.id, { tx }));
    });
    expect(await getLinkByKey(context, workspace, 'mybrand.link', 'good')).toMatchObject({
      externalId: 'free',
    });
    expect(await getLinkByKey(context, workspace, 'mybrand.link', 'taken')).toBeUndefined();
  });
});

async function urlOf(context: TestContext): Promise<string> {
  const [row] = await context.database.run<{ url: string }>(
    {
      name: '',
      text: "select 'postgres://postgres@127.0.0.1:' || current_setting('port') || '/' || current_database() as url",
    },
    [],
  );
  return row!.url;
}
