import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { orThrow } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createLink } from './create-link.ts';
import { listLinks } from './list-links.ts';

interface LinkBody {
  readonly id: string;
  readonly key: string;
}

const someId = '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0';

describe.each(testDatabaseSizes)('a list of links on %s', (size) => {
  let context: TestContext;
  let workspace: Workspace;
  let api: Api;
  const ids: Record<string, string> = {};
  let partner: string;
  beforeAll(async () => {
    context = await openTestContext(size, { links: { domains: ['go.test'] } });
    workspace = await context.workspaces.first();
    api = await openApi(context, workspace);
    const made = await api<LinkBody>('POST', '/partners', { key: 'ada', name: 'Ada' });
    partner = made.body.id;
    for (const [key, more] of Object.entries({
      Spring: { utm_campaign: 'Launch-2026', tags: ['social', 'Größe 50%'] },
      autumn: { external_id: 'order_42', url: 'https://shop.example/Harvest' },
      winter: { link_type: 'referral', partner_id: partner, domain: 'other.link' },
      summer: { tags: ['social'] },
      empty: {},
    })) {
      context.clock.moveBy(1_000);
      const body = { key, url: 'https://example.com/', ...more };
      ids[key] = (await api<LinkBody>('POST', '/links', body)).body.id;
    }
    // What the counters say is the matter of their own tests.
    await count('Spring', { clicks: 5n, unique_clicks: 2n, leads: 1n, revenue: 900n });
    await count('autumn', {
      clicks: 9n,
      unique_clicks: 2n,
      sales: 3n,
      revenue: 9_007_199_254_740_993n,
    });
    await count('winter', { clicks: 5n, unique_clicks: 4n, other: 1_000_000n });
    await count('summer', { clicks: 5n, unique_clicks: 1n, revenue: 900n });
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  async function count(
    key: string,
    counters: Readonly<
      Partial<Record<'clicks' | 'unique_clicks' | 'leads' | 'sales' | 'revenue' | 'other', bigint>>
    >,
  ): Promise<void> {
    const { revenue, other, ...counts } = counters;
    const row = { workspace_id: workspace.id, link_id: ids[key]! };
    const zeros = { clicks: 0n, unique_clicks: 0n, machine_clicks: 0n, leads: 0n, sales: 0n };
    const { db } = context.database;
    await db
      .insertInto('link_counter')
      .values({ ...row, ...zeros, ...counts })
      .execute();
    for (const [currency, amount] of [
      ['USD', revenue],
      ['JPY', other],
    ] as const) {
      if (amount === undefined) continue;
      await db
        .insertInto('link_revenue')
        .values({ ...row, currency, amount_minor: amount })
        .execute();
    }
  }

  const keys = async (query: string): Promise<string[]> => {
    const { status, body } = await api<LinkBody[]>('GET', `/links?${query}`);
    expect([query, status]).toEqual([query, 200]);
    return body.map(({ key }) => key);
  };

  it.each([
    ['pring', ['Spring']],
    ['SPRING', ['Spring']],
    ['harvest', ['autumn']],
    ['order_4', ['autumn']],
    ['order%4', []],
    ['order.4', []],
    ['launch-2026', ['Spring']],
    ['oci', ['summer', 'Spring']],
    ['röße 50%', ['Spring']],
    ['example.com', ['empty', 'summer', 'winter', 'Spring']],
    ['other.link', []],
  ])('finds %j in keys, destinations, external ids, campaigns and tags', async (search, found) => {
    expect(await keys(`search=${encodeURIComponent(search)}`)).toEqual(found);
  });

  it('filters by tag, domain, type, partner and archive, all at once where they are given', async () => {
    expect(await keys('tag=social')).toEqual(['summer', 'Spring']);
    expect(await keys('tag=social&search=spr')).toEqual(['Spring']);
    expect(await keys('domain=OTHER.link')).toEqual(['winter']);
    expect(await keys('link_type=referral')).toEqual(['winter']);
    expect(await keys(`partner_id=${partner}`)).toEqual(['winter']);
    expect(await keys(`partner_id=${partner}&domain=go.test`)).toEqual([]);
    expect((await api('DELETE', `/links/${ids['empty']}`)).status).toBe(204);
    expect(await keys('archived=only')).toEqual(['empty']);
    expect(await keys('archived=with&search=example.com&sort=clicks')).toEqual([
      'summer',
      'winter',
      'Spring',
      'empty',
    ]);
    expect((await api('POST', `/links/${ids['empty']}/restore`)).status).toBe(200);
  });

  // Links that are equal are in the order in which they were made.
  it.each([
    ['created_at', ['empty', 'summer', 'winter', 'autumn', 'Spring']],
    ['clicks', ['autumn', 'summer', 'winter', 'Spring', 'empty']],
    ['unique_clicks', ['winter', 'autumn', 'Spring', 'summer', 'empty']],
    ['leads', ['Spring', 'empty', 'summer', 'winter', 'autumn']],
    ['sales', ['autumn', 'empty', 'summer', 'winter', 'Spring']],
    ['revenue', ['autumn', 'summer', 'Spring', 'empty', 'winter']],
  ])('sorts by %s, both ways, whole or page by page', async (sort, sorted) => {
    expect(await keys(`sort=${sort}`)).toEqual(sorted);
    expect(await keys(`sort=${sort}&order=asc`)).toEqual(sorted.toReversed());
    expect(await keys(`sort=${sort}&limit=2&offset=1`)).toEqual(sorted.slice(1, 3));
    for (const order of ['asc', 'desc']) {
      const walked: string[] = [];
      let path: string | undefined = `/links?sort=${sort}&order=${order}&limit=2`;
      while (path !== undefined) {
        const { body, headers }: { body: LinkBody[]; headers: Headers } = await api('GET', path);
        walked.push(...body.map(({ key }) => key));
        path = /^<\/hw\/api(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
      }
      expect(walked).toEqual(order === 'desc' ? sorted : sorted.toReversed());
    }
  });

  it.each([
    ['sort', 'sort=colour'],
    ['order', 'order=up'],
    ['partner_id', 'partner_id=7'],
    ['search', 'search='],
    ['search', 'search=a%0Ab'],
    ['search', `search=${'x'.repeat(201)}`],
    // A cursor of another order.
    ['cursor', `sort=clicks&cursor=${someId}`],
    ['cursor', `sort=clicks&cursor=sales_1_${someId}`],
    ['cursor', `sort=sales&cursor=sales_9223372036854775808_${someId}`],
    ['cursor', `cursor=sales_1_${someId}`],
  ])('refuses and names %s (%s)', async (field, query) => {
    const { status, body } = await api<{ errors: object }>('GET', `/links?${query}`);
    expect([status, Object.keys(body.errors)]).toEqual([422, [field]]);
  });

  it('answers the library the same, inside the transaction of the host too', async () => {
    const page = orThrow(await listLinks(context, workspace, { sort: 'uniqueClicks', limit: 1 }));
    expect(page.links.map(({ key }) => key)).toEqual(['winter']);
    expect(page.nextCursor).toBe(`uniqueClicks_4_${ids['winter']}`);
    expect(await listLinks(context, workspace, { search: '', order: 'up' as 'asc' })).toMatchObject(
      {
        code: 'invalid_query',
        errors: { search: [expect.any(String)], order: ['must be one of asc, desc'] },
      },
    );
    await context.database.db
      .transaction()
      .execute(async (tx) => {
        const inside = { ...context, database: { ...context.database, db: tx } };
        orThrow(
          await createLink(
            context,
            workspace,
            { key: 'inside', url: 'https://example.com/' },
            { tx },
          ),
        );
        const found = orThrow(await listLinks(inside, workspace, { search: 'inside' }));
        expect(found.links).toHaveLength(1);
        throw new Error('the host thinks again');
      })
      .catch((error: unknown) => expect((error as Error).message).toContain('again'));
  });
});
