import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { PageInput } from './kernel/page.ts';
import { orThrow } from './kernel/result.ts';
import type { Refusal, Result } from './kernel/result.ts';
import { createTestHeadwater } from './testing/index.ts';
import type { TestHeadwater } from './testing/index.ts';

type List = (input: PageInput) => Promise<Result<unknown, Refusal>>;

describe('the lists of the library', () => {
  let hw: TestHeadwater;
  let visitorId: string;
  let linkId: string;
  beforeAll(async () => {
    hw = await createTestHeadwater({ links: { domains: ['go.test'] } });
    linkId = orThrow(await hw.links.create({ key: 'a', url: 'https://shop.test/' })).id;
    visitorId = orThrow(await hw.visitors.identify({ externalId: 'cust_1' })).visitor!.id;
  }, 60_000);
  afterAll(() => hw.close());

  const lists: Readonly<Record<string, List>> = {
    'links.list': (input) => hw.links.list(input),
    'links.clicks': (input) => hw.links.clicks(linkId, input),
    'visitors.list': (input) => hw.visitors.list(input),
    'visitors.timeline': (input) => hw.visitors.timeline(visitorId, input),
    'visitors.attribution': (input) => hw.visitors.attribution(visitorId, input),
    'visitors.evidence': (input) => hw.visitors.evidence(visitorId, input),
    'workspaces.list': (input) => hw.workspaces.list(input),
    'workspaces.listDomains': (input) => hw.workspaces.listDomains(input),
    'apiKeys.list': (input) => hw.apiKeys.list(input),
  };

  it.each(Object.keys(lists))('refuse what is no page: %s', async (name) => {
    const list = lists[name]!;
    expect(await list({})).toMatchObject({ ok: true });
    for (const [field, value] of [
      ['cursor', 'a b'],
      ['cursor', ''],
      ['cursor', 7],
      ['cursor', '1_00000000-0000-0000-0000-00000000000'],
      ['limit', 0],
      ['limit', 201],
      ['limit', 1.5],
      ['limit', 'ten'],
      ['offset', -1],
      ['offset', Number.NaN],
    ] as const) {
      // Host names go on after any name, and workspaces have no cursor.
      if (field === 'cursor' && /omains/.test(name) && typeof value === 'string' && value !== 'a b')
        continue;
      expect([field, value, await list({ [field]: value })]).toMatchObject([
        field,
        value,
        { ok: false, code: 'invalid_query', errors: { [field]: [expect.any(String)] } },
      ]);
    }
  });

  it('say visitor_not_found where there is none', async () => {
    const nobody = '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0';
    for (const id of [nobody, 'nobody']) {
      for (const found of [
        await hw.visitors.timeline(id),
        await hw.visitors.attribution(id),
        await hw.visitors.evidence(id),
      ]) {
        expect(found).toMatchObject({ ok: false, code: 'visitor_not_found' });
      }
    }
  });

  /** All pages of two, and how many there were. */
  async function readAll<Page extends { readonly nextCursor: string | undefined }>(
    list: (input: PageInput) => Promise<Result<Page, Refusal>>,
  ): Promise<Page[]> {
    const pages: Page[] = [];
    let cursor: string | undefined;
    do {
      const page = orThrow(await list({ limit: 2, cursor }));
      pages.push(page);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return pages;
  }

  it('page through clicks, also those of one moment', async () => {
    for (const step of [0, 0, 1, 0, 1]) {
      hw.clock.advance({ minutes: step });
      const headers = { host: 'go.test', 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' };
      await hw.handler(new Request('http://go.test/a', { headers }));
    }
    await hw.events.flush();
    const all = orThrow(await hw.links.clicks(linkId)).clicks;
    const pages = await readAll((input) => hw.links.clicks(linkId, input));
    expect(all).toHaveLength(5);
    expect(pages.map((page) => page.clicks.length)).toEqual([2, 2, 1]);
    expect(pages.flatMap((page) => page.clicks)).toEqual(all);
  });

  it('page through the touches of a person from the latest ones, each page oldest first', async () => {
    for (const campaign of ['a', 'b', 'c', 'd', 'e']) {
      hw.clock.advance({ hours: 1 });
      const url = `https://shop.test/?utm_source=news&utm_campaign=${campaign}`;
      orThrow(await hw.events.track({ type: 'pageview', visitorId, url }));
    }
    const pages = await readAll((input) => hw.visitors.attribution(visitorId, input));
    expect(pages.map(({ path }) => path.map((touch) => touch.campaign))).toEqual([
      ['d', 'e'],
      ['b', 'c'],
      ['a'],
    ]);
    expect(pages[2]?.visitor.lastSource?.campaign).toBe('e');
  });

  it('page through merges and refusals together', async () => {
    const device = async (anonymousId: string) =>
      orThrow(await hw.visitors.resolve({ anonymousId })).visitor!.id;
    const stranger = orThrow(await hw.visitors.identify({ externalId: 'cust_2' })).visitor!.id;
    const merge = async (otherVisitorId: string) => {
      hw.clock.advance({ minutes: 1 });
      return orThrow(await hw.visitors.merge({ visitorId, otherVisitorId })).eventId;
    };
    const events = [
      await merge(await device('one')),
      await merge(stranger),
      await merge(await device('two')),
      await merge(stranger),
      await merge(await device('three')),
    ];
    const all = orThrow(await hw.visitors.evidence(visitorId));
    expect([all.merges.length, all.refusals.length, all.nextCursor]).toEqual([3, 2, undefined]);
    const pages = await readAll((input) => hw.visitors.evidence(visitorId, input));
    expect(
      pages.map((page) => [...page.merges, ...page.refusals].map(({ eventId }) => eventId).sort()),
    ).toEqual([events.slice(3).sort(), events.slice(1, 3).sort(), events.slice(0, 1)]);
    expect(pages.toReversed().flatMap((page) => page.merges)).toEqual(all.merges);
  });

  it('page through domains by name', async () => {
    for (const host of ['c.test', 'a.test', 'b.test'])
      orThrow(await hw.workspaces.claimDomain({ host }));
    const pages = await readAll((input) => hw.workspaces.listDomains(input));
    expect(pages.map((page) => page.domains.map(({ host }) => host))).toEqual([
      ['a.test', 'b.test'],
      ['c.test'],
    ]);
  });

  it('page through API keys and people', async () => {
    for (const name of ['1', '2', '3']) orThrow(await hw.apiKeys.create({ kind: 'secret', name }));
    const keys = await readAll((input) => hw.apiKeys.list(input));
    expect(keys.map((page) => page.apiKeys.map((apiKey) => apiKey.name))).toEqual([
      ['3', '2'],
      ['1'],
    ]);
    const all = orThrow(await hw.visitors.list({ limit: 200 })).visitors;
    const people = await readAll((input) => hw.visitors.list(input));
    expect(people.flatMap((page) => page.visitors)).toEqual(all);
  });
});
