import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';
import { claimDomain } from '../workspaces/claim-domain.ts';
import { updateDomain } from '../workspaces/update-domain.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createLink } from './create-link.ts';
import { createLinkCache } from './link-cache.ts';

const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };

describe('the case of keys', () => {
  let hw: TestHeadwater;
  let key: string;
  beforeAll(async () => {
    hw = await createTestHeadwater({
      links: {
        domains: ['exact.link', 'folded.link', 'turning.link', 'left.link', 'referred.link'],
      },
    });
    key = orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'Case', scopes: ['admin'] })).key;
    for (const host of ['folded.link', 'left.link', 'referred.link']) await fold(host);
  }, 30_000);
  afterAll(() => hw.close());

  async function fold(host: string): Promise<void> {
    orThrow(await hw.workspaces.claimDomain({ host }));
    orThrow(await hw.workspaces.updateDomain({ host, caseSensitive: false }));
  }
  const api = async (method: string, path: string, body?: unknown) => {
    const answer = await hw.handler(
      new Request(`https://exact.link/hw/api${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };
  const create = async (domain: string, name: string, url = 'https://example.com/') =>
    orThrow(await hw.links.create({ domain, key: name, url }));
  /** Where a short link leads, without what was added to it. */
  const follow = async (url: string): Promise<number | string> => {
    const answer = await hw.handler(new Request(`https://${url}`, { headers: browser }));
    return answer.headers.get('location')?.split('?')[0] ?? answer.status;
  };

  it('makes two keys on a host unless the host chooses otherwise', async () => {
    await create('exact.link', 'Promo', 'https://example.com/upper');
    await create('exact.link', 'promo', 'https://example.com/lower');
    expect(await follow('exact.link/Promo')).toBe('https://example.com/upper');
    expect(await follow('exact.link/promo')).toBe('https://example.com/lower');
    expect(await follow('exact.link/PROMO')).toBe(404);
  });

  it('makes one key where the host chooses so, kept as it was written', async () => {
    expect(await follow('folded.link/LAUNCH')).toBe(404);
    const link = await create('folded.link', 'Launch');
    for (const spelling of ['Launch', 'launch', 'LAUNCH', 'lAUNCH'])
      expect([spelling, await follow(`folded.link/${spelling}`)]).toEqual([
        spelling,
        'https://example.com/',
      ]);
    expect(await hw.links.getByKey('folded.link', 'lauNCH')).toMatchObject({
      id: link.id,
      key: 'Launch',
    });
    expect(orThrow(await hw.links.stats(link.id))).toMatchObject({ clicks: 4 });
    const code = await hw.handler(new Request('https://folded.link/LAUNCH/qr'));
    expect(code.headers.get('content-disposition')).toContain('Launch.svg');

    for (const taken of ['launch', 'Launch'])
      expect(
        await hw.links.create({ domain: 'folded.link', key: taken, url: 'https://example.com/' }),
      ).toMatchObject({ code: 'link_key_taken' });
    await create('exact.link', 'launch');
  });

  it('follows changes and archiving under every spelling', async () => {
    const link = await create('folded.link', 'Moving');
    for (const spelling of ['moving', 'MOVING']) await follow(`folded.link/${spelling}`);
    orThrow(await hw.links.update(link.id, { url: 'https://new.example/' }));
    for (const spelling of ['moving', 'MOVING'])
      expect(await follow(`folded.link/${spelling}`)).toBe('https://new.example/');
    orThrow(await hw.links.archive(link.id));
    for (const spelling of ['Moving', 'moving', 'MOVING'])
      expect(await follow(`folded.link/${spelling}`)).toBe(404);

    await create('folded.link', 'mOVING', 'https://again.example/');
    expect(await follow('folded.link/MOVING')).toBe('https://again.example/');
    expect(await hw.links.restore(link.id)).toMatchObject({ code: 'link_key_taken' });
  });

  it('can be chosen over the API, for the links that are there too, and taken back', async () => {
    const host = 'turning.link';
    expect(await api('PATCH', `/domains/${host}`, { case_sensitive: false })).toMatchObject({
      status: 404,
      body: { code: 'domain_not_found' },
    });
    expect(await api('POST', '/domains', { host })).toMatchObject({
      body: { case_sensitive: true },
    });
    const upper = await create(host, 'Sale', 'https://example.com/upper');
    const lower = await create(host, 'sale', 'https://example.com/lower');
    const refused = await api('PATCH', `/domains/${host}`, { case_sensitive: false });
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: 'keys_differ_in_case',
        errors: { case_sensitive: [expect.stringMatching(/turning\.link.*: \w+, \w+$/)] },
      },
    });
    expect(await follow(`${host}/SALE`)).toBe(404);
    expect(await follow(`${host}/sale`)).toBe('https://example.com/lower');

    orThrow(await hw.links.archive(lower.id));
    expect(await api('PATCH', `/domains/${host}`, { case_sensitive: false })).toMatchObject({
      status: 200,
      body: { host, case_sensitive: false },
    });
    for (const spelling of ['Sale', 'sale', 'SALE'])
      expect(await follow(`${host}/${spelling}`)).toBe('https://example.com/upper');
    expect(await hw.links.restore(lower.id)).toMatchObject({ code: 'link_key_taken' });

    await api('PATCH', `/domains/${host}`, { case_sensitive: true });
    expect(await follow(`${host}/sale`)).toBe(404);
    expect(await follow(`${host}/Sale`)).toBe('https://example.com/upper');
    expect(orThrow(await hw.links.restore(lower.id))).toMatchObject({ caseSensitive: true });
    expect(await follow(`${host}/sale`)).toBe('https://example.com/lower');
    expect(await hw.links.get(upper.id)).toMatchObject({ key: 'Sale' });
    expect(await api('PATCH', `/domains/${host}`, {})).toMatchObject({
      status: 422,
      body: { errors: { case_sensitive: [expect.any(String)] } },
    });
  });

  it('goes with the claim of the host', async () => {
    await create('left.link', 'Stay', 'https://example.com/upper');
    expect(await follow('left.link/STAY')).toBe('https://example.com/upper');
    orThrow(await hw.workspaces.removeDomain({ host: 'left.link' }));
    expect(await follow('left.link/STAY')).toBe(404);
    await create('left.link', 'stay', 'https://example.com/lower');
    expect(await follow('left.link/stay')).toBe('https://example.com/lower');
  });

  it('makes no difference for the code of a referral link that a page reports', async () => {
    const { key: page } = orThrow(await hw.apiKeys.create({ kind: 'publishable', name: 'Page' }));
    const ada = orThrow(await hw.partners.create({ key: 'ada', name: 'Ada' }));
    const link = orThrow(
      await hw.links.create({
        domain: 'referred.link',
        key: 'Ada',
        url: 'https://example.com/',
        linkType: 'referral',
        partnerId: ada.id,
      }),
    );
    const answer = await hw.handler(
      new Request('https://shop.test/hw/t/click', {
        method: 'POST',
        headers: { ...browser, 'content-type': 'application/json' },
        body: JSON.stringify({ api_key: page, key: 'ADA', url: 'https://shop.test/?via=ADA' }),
      }),
    );
    expect(answer.status).toBe(200);
    expect(orThrow(await hw.links.stats(link.id))).toMatchObject({ clicks: 1 });
  });
});

describe.each(testDatabaseSizes)('the case of keys on %s', (size) => {
  let context: TestContext;
  let workspace: Workspace;
  beforeAll(async () => {
    context = await openTestContext(size);
    workspace = await context.workspaces.first();
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('is one for all links of a host, also of those that are made while it changes', async () => {
    const { db } = context.database;
    for (let round = 0; round < 5; round += 1) {
      const host = `round-${round}.link`;
      orThrow(await claimDomain(context, workspace, { host }));
      const make = (name: string) =>
        createLink(context, workspace, { domain: host, key: name, url: 'https://example.com/' });
      const [changed, ...made] = await Promise.all([
        updateDomain(context, workspace, { host, caseSensitive: false }),
        ...['Race', 'race', 'Other', 'RACE'].map(make),
      ]);
      const links = await db
        .selectFrom('link')
        .select(['key', 'case_sensitive'])
        .where('workspace_id', '=', workspace.id)
        .where('domain', '=', host)
        .execute();
      expect(new Set(links.map((link) => link.case_sensitive))).toEqual(new Set([!changed.ok]));
      expect(links).toHaveLength(made.filter((result) => result.ok).length);
      if (changed.ok) expect(new Set(links.map((link) => link.key.toLowerCase())).size).toBe(2);
      else expect(changed.code).toBe('keys_differ_in_case');
    }
  });

  it('is learned by other processes within a reading of the change log', async () => {
    const host = 'neighbour.link';
    orThrow(await claimDomain(context, workspace, { host }));
    const neighbour = context.another();
    const cache = createLinkCache({ ...neighbour, size: 100 });
    await createLink(context, workspace, { domain: host, key: 'Promo', url: 'https://a.example/' });
    const find = async (spelling: string) => (await cache.find(workspace.id, host, spelling))?.key;
    expect([await find('Promo'), await find('promo')]).toEqual(['Promo', undefined]);
    for (const caseSensitive of [false, true, false]) {
      orThrow(await updateDomain(context, workspace, { host, caseSensitive }));
      context.clock.moveBy(1_001);
      expect([await find('Promo'), await find('promo'), await find('PROMO')]).toEqual(
        caseSensitive ? ['Promo', undefined, undefined] : ['Promo', 'Promo', 'Promo'],
      );
    }
    // What is remembered answers without the database, under every spelling.
    expect(cache.recall(host, 'pROMO')).toMatchObject({ key: 'Promo' });
    expect([...cache.links()].filter((link) => link.domain === host)).toHaveLength(1);
    cache.close();
  });
});
