/** The options of GoodAnalytics' configuration table, under their names in TypeScript. */
import { PGlite } from '@electric-sql/pglite';
import { createHeadwater, orThrow } from 'headwater';
import { createTestHeadwater, testSecret } from 'headwater/testing';
import { describe, expect, it } from 'vitest';

import { openTestPool } from '../support/pool.ts';

const browser = { headers: { 'user-agent': 'Mozilla/5.0 Firefox/140.0' } };

describe('Configuration options', () => {
  it(":repo is `database`: the host's own pool, a URL, a folder, or an open PGlite", async () => {
    await using application = await openTestPool();
    const { pool } = application;
    await using mounted = await createTestHeadwater({ database: { pool } });
    await using other = await createHeadwater({
      database: { url: application.url },
      secret: testSecret,
    });

    expect(orThrow(await other.workspaces.list())).toEqual(
      orThrow(await mounted.workspaces.list()),
    );
  });

  it(':api_key_secret is `secret`, and required beside PostgreSQL', async () => {
    await expect(
      createHeadwater({ database: { url: 'postgres://nobody@127.0.0.1:1/none' } }),
    ).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining('`secret`') as string,
    });
  });

  it(':schema_prefix is `schema`, "headwater" by default', async () => {
    await using application = await openTestPool();
    const { pool } = application;
    for (const options of [{}, { schema: 'good_analytics' }]) {
      await using hw = await createTestHeadwater({ database: { pool }, ...options });
      orThrow(await hw.visitors.identify({ externalId: 'cust_123' }));
    }
    const { rows } = await pool.query<{ schema: string }>(
      "select table_schema as schema from information_schema.tables where table_name = 'visitor' order by 1",
    );
    expect(rows.map(({ schema }) => schema)).toEqual(['good_analytics', 'headwater']);
  });

  it(':links domains is `links.domains`: their links are served, others wait for their domain', async () => {
    await using hw = await createTestHeadwater({ links: { domains: ['mybrand.link'] } });

    const served = orThrow(
      await hw.links.create({ domain: 'mybrand.link', key: 'one', url: 'https://example.com/' }),
    );
    const waiting = orThrow(
      await hw.links.create({ domain: 'other.link', key: 'one', url: 'https://example.com/' }),
    );

    expect([served.domainVerified, waiting.domainVerified]).toEqual([true, false]);
    expect((await hw.handler(new Request('https://mybrand.link/one', browser))).status).toBe(302);
    expect((await hw.handler(new Request('https://other.link/one', browser))).status).toBe(404);
  });

  it(':auto_create_partitions is `createPartitions`; without it a missing month is named', async () => {
    // A database that nobody has used: the months of other tests stay in theirs.
    const pglite = await PGlite.create();
    await using hw = await createTestHeadwater({ createPartitions: false, database: { pglite } });

    await expect(hw.visitors.identify({ externalId: 'cust_123' })).rejects.toMatchObject({
      code: 'partition_missing',
      message: expect.stringMatching(/holds 2026-01.*createPartitions.*create table/) as string,
    });
  });

  it('max_size is `links.cacheSize`: more links than it holds are served all the same', async () => {
    await using hw = await createTestHeadwater({
      links: { domains: ['mybrand.link'], cacheSize: 2 },
    });
    const keys = ['one', 'two', 'three', 'four'];
    for (const key of keys)
      orThrow(await hw.links.create({ key, url: `https://example.com/${key}` }));
    for (const key of [...keys, ...keys]) {
      const answer = await hw.handler(new Request(`https://mybrand.link/${key}`, browser));
      expect(answer.headers.get('location')).toMatch(
        new RegExp(`^https://example\\.com/${key}\\?`),
      );
    }
  });

  it('gc_interval is `links.refreshEvery`: after it, a change of another process is seen', async () => {
    await using application = await openTestPool();
    const shared = {
      database: { url: application.url },
      links: { domains: ['mybrand.link'], refreshEvery: { minutes: 5 } },
    };
    await using one = await createTestHeadwater(shared);
    await using two = await createTestHeadwater({ ...shared, clock: one.clock });
    const link = orThrow(await one.links.create({ key: 'moving', url: 'https://example.com/old' }));
    const follow = async (): Promise<string | null> =>
      (await two.handler(new Request('https://mybrand.link/moving', browser))).headers.get(
        'location',
      );
    expect(await follow()).toMatch(/old/);

    orThrow(await one.links.update(link.id, { url: 'https://example.com/new' }));
    one.clock.advance({ minutes: 6 });

    // A redirect does not wait for a database that is busy: it then leads where it last did.
    await expect.poll(follow).toMatch(/new/);
  });

  it(':api_authenticate is `authenticate`: (credential, kind) => the workspace', async () => {
    await using hw = await createTestHeadwater({
      authenticate: (credential, kind) =>
        kind === 'bearer' && credential === 'sk_live_abc123'
          ? { ok: true, workspaceId }
          : { ok: false, reason: 'unauthorized' },
    });
    const workspaceId = (await hw.workspaces.first()).id;
    const ask = (credential: string): Promise<Response> =>
      hw.handler(
        new Request('https://app.example.com/hw/api/links', {
          headers: { authorization: `Bearer ${credential}` },
        }),
      );

    expect((await ask('sk_live_abc123')).status).toBe(200);
    expect((await ask('sk_live_other')).status).toBe(401);
  });

  it('the routes are below `basePath`, "/hw" by default', async () => {
    await using hw = await createTestHeadwater({ basePath: '/ga' });
    expect((await hw.handler(new Request('https://app.example.com/ga/openapi.json'))).status).toBe(
      200,
    );
    expect((await hw.handler(new Request('https://app.example.com/hw/openapi.json'))).status).toBe(
      404,
    );
  });
});
