import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Api, ApiAnswer } from '../../../../test/support/api.ts';
import { orThrow } from '../kernel/result.ts';
import type { LinkRouting, RouteCondition } from '../links/link-routing.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1';
const previewer = 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)';

/** By the first byte of the address. */
const cities: Readonly<Record<string, { countryCode: string; region: string; city: string }>> = {
  '81': { countryCode: 'DE', region: 'Bavaria', city: 'Munich' },
  '82': { countryCode: 'FR', region: 'Brittany', city: 'Brest' },
};

interface LinkBody {
  readonly id: string;
  readonly key: string;
  readonly protected: boolean;
  readonly routing: LinkRouting | null;
}

describe('a link with rules', () => {
  let pglite: PGlite;
  let hw: TestHeadwater;
  let key: string;
  let made = 0;
  beforeAll(async () => {
    pglite = await PGlite.create();
    hw = await createTestHeadwater({
      database: { pglite },
      links: { domains: ['go.test'], appSchemes: ['myapp'] },
      geo: {
        provider: {
          locate: ({ text }) => {
            const place = cities[text.split('.')[0] ?? ''];
            return place && { ...place, country: place.countryCode };
          },
        },
      },
      // These clicks are meant to be committed, however slow the machine is.
      clickPatience: { seconds: 10 },
      limits: { linkPasswords: { requests: 3, per: { minutes: 1 } } },
    });
    await hw.places.ready();
    ({ key } = orThrow(
      await hw.apiKeys.create({ kind: 'secret', name: 'test', scopes: ['admin'] }),
    ));
  }, 120_000);
  afterAll(async () => {
    await hw.close();
    await pglite.close();
  });

  const api: Api = async <Body>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<ApiAnswer<Body>> => {
    const response = await hw.handler(
      new Request(`https://go.test/hw/api${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    const { status, headers } = response;
    return { status, headers, body: (await response.json()) as Body };
  };

  /** Over the API, as anybody would. */
  async function create(routing: unknown, more: Readonly<Record<string, unknown>> = {}) {
    made += 1;
    const created = await api<LinkBody>('POST', '/links', {
      key: `rules-${made}`,
      url: 'https://shop.test/',
      routing,
      ...more,
    });
    expect(created).toMatchObject({ status: 201 });
    return created.body;
  }

  function ask(
    path: string,
    headers: Readonly<Record<string, string>> = {},
    more: { readonly method?: string; readonly body?: string; readonly address?: string } = {},
  ): Promise<Response> {
    return hw.handler(
      new Request(`https://go.test/${path}`, {
        method: more.method ?? 'GET',
        headers: { 'user-agent': chrome, ...headers },
        ...(more.body !== undefined && { body: more.body }),
      }),
      { remoteAddress: more.address ?? '198.51.100.7' },
    );
  }

  async function follow(...asked: Parameters<typeof ask>): Promise<string | undefined> {
    const response = await ask(...asked);
    return response.headers.get('location')?.replace(/[?&]hw_click=.*/, '');
  }

  const buy = async (visitorId: string | null | undefined, amountMinor: bigint) =>
    orThrow(await hw.events.track({ type: 'sale', visitorId: visitorId ?? '', amountMinor }));
  const clicksOf = async (id: string) => orThrow(await hw.links.clicks(id)).clicks;

  it('leads elsewhere before its start and after its end, and counts no click then', async () => {
    const link = await create(
      {
        start: { at: '2026-02-01T00:00:00Z', url: 'https://shop.test/soon' },
        expiry: { url: 'https://shop.test/over' },
      },
      { expires_at: '2026-03-01T00:00:00Z' },
    );
    const before = await ask(link.key);
    expect(before.status).toBe(302);
    expect(before.headers.get('location')).toBe('https://shop.test/soon');
    expect(before.headers.get('cache-control')).toContain('no-store');
    const start = hw.clock.now();
    hw.clock.set(new Date('2026-02-10T00:00:00Z'));
    expect(await follow(link.key)).toBe('https://shop.test/');
    hw.clock.set(new Date('2026-03-01T00:00:00Z'));
    expect(await follow(link.key)).toBe('https://shop.test/over');
    expect(await clicksOf(link.id)).toHaveLength(1);
    hw.clock.set(new Date(start));
  });

  it('lets exactly so many clicks through an exact limit, however many come at once', async () => {
    const link = await create({
      limits: { clicks: { max: 5, url: 'https://shop.test/sold-out' } },
    });
    const asked = await Promise.all(Array.from({ length: 12 }, () => follow(link.key)));
    expect(asked.filter((location) => location === 'https://shop.test/')).toHaveLength(5);
    expect(asked.filter((location) => location === 'https://shop.test/sold-out')).toHaveLength(7);
    expect(await clicksOf(link.id)).toHaveLength(5);
  });

  it('gives no place of a limit to machines, to HEAD and to a page that is only fetched ahead', async () => {
    const link = await create({ limits: { clicks: { max: 1 } } });
    expect((await ask(link.key, {}, { method: 'HEAD' })).status).toBe(302);
    expect((await ask(link.key, { 'user-agent': previewer })).status).toBe(302);
    expect((await ask(link.key, { 'sec-purpose': 'prefetch' })).status).toBe(503);
    expect((await ask(link.key)).status).toBe(302);
    expect((await ask(link.key)).status).toBe(410);
  });

  it('lets the people of a limit come again, and nobody else', async () => {
    const link = await create({ limits: { people: { max: 1, url: 'https://shop.test/full' } } });
    const first = await ask(link.key);
    const cookie = /_hw_visitor=[^;]+/.exec(first.headers.get('set-cookie') ?? '')?.[0] ?? '';
    expect(await follow(link.key, { cookie })).toBe('https://shop.test/');
    expect(await follow(link.key)).toBe('https://shop.test/full');
  });

  it('ends with its conversions', async () => {
    const link = await create({ limits: { conversions: { max: 1 } } });
    const first = await ask(link.key);
    expect(first.status).toBe(302);
    const [click] = await clicksOf(link.id);
    await buy(click?.visitorId, 500n);
    expect((await ask(link.key)).status).toBe(410);
  });

  it('stops a larger limit within a second of traffic', async () => {
    const link = await create({ limits: { clicks: { max: 101 } } });
    for (let click = 0; click < 101; click += 1) await ask(link.key);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await ask(link.key)).status).toBe(410);
  }, 60_000);

  describe('with a password', () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const send = (link: LinkBody, password: string, address = '198.51.100.7') =>
      ask(link.key, form, {
        method: 'POST',
        body: new URLSearchParams({ password }).toString(),
        address,
      });

    it('shows an accessible page that nobody caches, and leads on from its form only', async () => {
      const link = await create(null, { password: 'open sesame' });
      const page = await ask(`${link.key}?password=open+sesame`);
      const html = await page.text();
      expect(page.status).toBe(200);
      expect(page.headers.get('cache-control')).toBe('private, no-store');
      expect(html).toContain('<html lang="en">');
      expect(html).toContain('<label for="password">');
      expect(html).not.toContain('shop.test');
      expect(await clicksOf(link.id)).toHaveLength(0);

      const wrong = await send(link, 'sesame');
      expect(wrong.status).toBe(403);
      expect(await wrong.text()).toMatch(/role="alert".*aria-invalid="true"/s);
      const right = await send(link, 'open sesame');
      expect(right.status).toBe(303);
      expect(right.headers.get('location')).toContain('https://shop.test/?hw_click=');
      expect(await clicksOf(link.id)).toHaveLength(1);
    });

    it('is stored as a hash and given back to nobody', async () => {
      const link = await create(null, { password: 'open sesame' });
      expect(link.protected).toBe(true);
      expect(JSON.stringify(await api('GET', `/links/${link.id}`))).not.toMatch(/sesame|scrypt/);
      expect(JSON.stringify(await hw.links.get(link.id))).not.toMatch(/sesame|scrypt/);
      const { rows } = await pglite.query<{ password_hash: string }>(
        'select password_hash from headwater.link where id = $1',
        [link.id],
      );
      expect(rows[0]?.password_hash).toMatch(/^scrypt\$/);
      expect(
        (await api<LinkBody>('PATCH', `/links/${link.id}`, { password: null })).body,
      ).toMatchObject({ protected: false });
      expect(await follow(link.key)).toBe('https://shop.test/');
    });

    it('refuses whoever guesses, and nobody else', async () => {
      const link = await create(null, { password: 'open sesame' });
      for (let guess = 0; guess < 3; guess += 1) await send(link, 'guess');
      const refused = await send(link, 'open sesame');
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
      expect((await send(link, 'open sesame', '82.1.2.3')).status).toBe(303);
    }, 60_000);
  });

  const to = (name: string, ...when: RouteCondition[]) => ({
    name,
    when,
    url: `https://shop.test/${name}`,
  });

  it.each<
    [string, RouteCondition, Parameters<typeof ask>[1], { address?: string; query?: string }]
  >([
    ['the country', { kind: 'country', in: ['de'] }, {}, { address: '81.1.2.3' }],
    ['the region', { kind: 'region', in: ['Bavaria'] }, {}, { address: '81.1.2.3' }],
    ['the city', { kind: 'city', in: ['munich'] }, {}, { address: '81.1.2.3' }],
    ['the device', { kind: 'device', in: ['mobile'] }, { 'user-agent': iphone }, {}],
    ['the system', { kind: 'system', in: ['iOS'] }, { 'user-agent': iphone }, {}],
    ['the browser', { kind: 'browser', in: ['Safari'] }, { 'user-agent': iphone }, {}],
    ['the language', { kind: 'language', in: ['pt'] }, { 'accept-language': 'en;q=0.5,pt-BR' }, {}],
    [
      'the referrer',
      { kind: 'referrer', in: ['news.test'] },
      { referer: 'https://a.news.test/x' },
      {},
    ],
    ['the address', { kind: 'address', in: ['203.0.113.0/24'] }, {}, { address: '203.0.113.9' }],
    ['a parameter', { kind: 'query', name: 'vip', in: ['1'] }, {}, { query: '?vip=1' }],
    [
      'a known visitor',
      { kind: 'visitor', is: 'known' },
      { cookie: `_hw_visitor=${'a'.repeat(22)}` },
      {},
    ],
  ])('decides by %s', async (_name, condition, headers, more) => {
    const link = await create({
      rules: [to('here', condition)],
    });
    const { query = '', ...rest } = more;
    expect((await follow(link.key + query, headers, rest))?.split('?')[0]).toBe(
      'https://shop.test/here',
    );
    expect(await follow(link.key, {}, { address: '82.1.2.3' })).toBe('https://shop.test/');
    expect((await clicksOf(link.id))[1]?.properties).toMatchObject({ rule: 'here' });
  });

  it('decides by the clocks of a zone, over midnight too', async () => {
    const night = {
      kind: 'time',
      zone: 'Asia/Tokyo',
      days: [4],
      from: '22:00',
      to: '06:00',
    } as const;
    const link = await create({ rules: [to('night', night)] });
    const start = hw.clock.now();
    // Thursday, 15 January 2026, 23:30 and then Friday 05:59 and 06:00 in Tokyo.
    for (const [at, location] of [
      ['2026-01-15T14:30:00Z', 'https://shop.test/night'],
      ['2026-01-15T20:59:00Z', 'https://shop.test/night'],
      ['2026-01-15T21:00:00Z', 'https://shop.test/'],
    ] as const) {
      hw.clock.set(new Date(at));
      expect(await follow(link.key)).toBe(location);
    }
    hw.clock.set(new Date(start));
  });

  it('asks its rules in their order, and holds nothing of what it does not know', async () => {
    const link = await create({
      rules: [
        to('elsewhere', { kind: 'country', in: ['DE'], not: true }),
        to('phones', { kind: 'device', in: ['mobile'] }, { kind: 'visitor', is: 'new' }),
        to('all', { kind: 'share', percent: 99.999_999 }),
      ],
    });
    // Nobody knows where 9.9.9.9 is: neither in Germany nor elsewhere.
    expect(await follow(link.key, { 'user-agent': iphone }, { address: '9.9.9.9' })).toBe(
      'https://shop.test/phones',
    );
    expect(await follow(link.key, {}, { address: '82.1.2.3' })).toBe('https://shop.test/elsewhere');
    expect(await follow(link.key, {}, { address: '81.1.2.3' })).toBe('https://shop.test/all');
  });

  it('knows a customer by what they have bought, and how often it was followed', async () => {
    const link = await create({
      rules: [
        to('thanks', { kind: 'visitor', is: 'customer' }),
        to('first', { kind: 'clicks', below: 1 }),
      ],
    });
    const first = await ask(link.key);
    expect(first.headers.get('location')).toContain('/first');
    const cookie = /_hw_visitor=[^;]+/.exec(first.headers.get('set-cookie') ?? '')?.[0] ?? '';
    const [click] = await clicksOf(link.id);
    await buy(click?.visitorId, 900n);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await follow(link.key, { cookie })).toBe('https://shop.test/thanks');
    expect(await follow(link.key)).toBe('https://shop.test/');
  });

  it('refuses rules that could never hold, by the path of the field', async () => {
    const { status, body } = await api<{ errors: unknown }>('POST', '/links', {
      url: 'https://shop.test/',
      routing: {
        rules: [
          { name: 'a', when: [{ kind: 'country', in: ['Germany'] }], url: 'javascript:alert(1)' },
          {
            name: 'a',
            when: [{ kind: 'time', zone: 'Mars/Base', days: [1] }],
            url: 'https://a.test/',
          },
        ],
        variants: [{ name: 'only', url: 'https://a.test/', weight: 1 }],
      },
    });
    expect(status).toBe(422);
    expect(Object.keys(body.errors as object)).toEqual([
      'routing.rules[0].url',
      'routing.rules[0].when[0].in',
      'routing.rules[1].name',
      'routing.rules[1].when[0].zone',
      'routing.variants',
    ]);
  });

  it('passes all parameters on, none, or those that are listed; where it leads is not among them', async () => {
    const query = '?a=1&b=2&gclid=x&redir_url=https://evil.test&url=https://evil.test';
    const none = await create({ query: 'none' });
    expect(await follow(none.key + query)).toBe('https://shop.test/');
    const listed = await create({ query: ['b', 'gclid'] });
    expect(await follow(listed.key + query)).toBe('https://shop.test/?b=2&gclid=x');
    const all = await create({ expiry: { url: 'https://shop.test/over' } });
    expect(new URL((await follow(all.key + query)) ?? '').host).toBe('shop.test');
  });

  it('shows its card to those who make previews, and to nobody else', async () => {
    const link = await create(null, {
      og_title: 'Spring <sale>',
      og_image: 'https://shop.test/a.png',
    });
    const card = await ask(link.key, { 'user-agent': previewer });
    expect(card.status).toBe(200);
    const html = await card.text();
    expect(html).toContain('<meta property="og:title" content="Spring &#60;sale&#62;">');
    expect(html).toContain('content="https://shop.test/a.png"');
    expect(orThrow(await hw.links.stats(link.id)).machineClicks).toBe(1);
    expect(await follow(link.key)).toBe('https://shop.test/');
    expect(
      await follow(link.key, { 'user-agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' }),
    ).toBe('https://shop.test/');
  });

  describe('that is a pattern', () => {
    beforeAll(async () => {
      for (const [pattern, url] of [
        ['docs/*', 'https://docs.test/v2/{*}'],
        ['docs/api/*', 'https://api.test/{*}?from=docs#{*}'],
        ['docs/start', 'https://docs.test/first-steps'],
        ['u/:name', 'https://app.test/users/{name}/profile'],
      ])
        await create(null, { key: pattern, url });
    });

    it('leads by the key itself first, then by the longest pattern', async () => {
      expect(await follow('docs/start')).toBe('https://docs.test/first-steps');
      expect(await follow('docs/api/users')).toMatch(/^https:\/\/api\.test\/users\?from=docs/);
      expect(await follow('docs/guides/links')).toBe('https://docs.test/v2/guides/links');
      expect(await follow('u/ann')).toBe('https://app.test/users/ann/profile');
      expect((await ask('u/ann/more')).status).toBe(404);
      expect((await ask('nothing/here')).status).toBe(404);
    });

    it.each([
      ['u/%2F%2Fevil.test', 'https://app.test/users/%2F%2Fevil.test/profile'],
      ['u/a%3Fb%23c', 'https://app.test/users/a%3Fb%23c/profile'],
      ['u/a@evil.test%5C', 'https://app.test/users/a%40evil.test%5C/profile'],
      ['docs//evil.test/a', 'https://docs.test/v2//evil.test/a'],
      ['u/gr%C3%B6%C3%9Fe', 'https://app.test/users/gr%C3%B6%C3%9Fe/profile'],
    ])('keeps what %s captures in its place', async (path, location) => {
      expect(await follow(path)).toBe(location);
    });

    // As it stands in the request: a URL that has been parsed has no such segments any more.
    it.each(['docs/%2e%2e/admin', 'docs/a/%2E%2E', 'docs/../admin', 'u/%2e', 'u/%ff'])(
      'does not follow %s out of its place',
      async (path) => {
        const answer = await hw.handle({
          method: 'GET',
          target: `/${path}`,
          host: 'go.test',
          scheme: 'https',
          remoteAddress: '198.51.100.7',
          header: (name) => (name === 'user-agent' ? chrome : undefined),
          body: () => Promise.resolve(new Uint8Array()),
        });
        expect(answer?.status).toBe(404);
      },
    );

    it('takes no capture before the path of a destination', async () => {
      for (const url of [
        'https://{name}.test/',
        'https://shop.test{name}',
        'https://shop.test/{other}',
      ])
        expect(await api('POST', '/links', { key: 'p/:name', url })).toMatchObject({
          status: 422,
          body: { errors: { url: [expect.any(String)] } },
        });
    });

    it('is followed at once where it is changed and archived', async () => {
      const link = await create(null, { key: 'old/*', url: 'https://a.test/{*}' });
      expect(await follow('old/x')).toBe('https://a.test/x');
      await api('PATCH', `/links/${link.id}`, { url: 'https://b.test/{*}' });
      expect(await follow('old/x')).toBe('https://b.test/x');
      orThrow(await hw.links.archive(link.id));
      expect((await ask('old/x')).status).toBe(404);
    });
  });

  describe('with variants', () => {
    const variants = [
      { name: 'a', url: 'https://shop.test/a', weight: 1 },
      { name: 'b', url: 'https://shop.test/b', weight: 1 },
    ];
    const cookieOf = (index: number) => `_hw_visitor=${String(index).padStart(22, 'v')}`;

    it('sends a visitor to the same one every time, and counts by variant over the API', async () => {
      const link = await create({ variants, goal: 'revenue' });
      expect(link.routing?.since).toBe(new Date(hw.clock.now()).toISOString());
      const sent = new Map<string, string | undefined>();
      for (let person = 0; person < 20; person += 1)
        sent.set(cookieOf(person), await follow(link.key, { cookie: cookieOf(person) }));
      expect(new Set(sent.values()).size).toBe(2);
      for (const [cookie, location] of sent)
        expect(await follow(link.key, { cookie })).toBe(location);

      const [click] = await clicksOf(link.id);
      await buy(click?.visitorId, 700n);
      const report = await api<{ variants: Array<Record<string, number>> }>(
        'GET',
        `/links/${link.id}/variants`,
      );
      expect(report).toMatchObject({
        status: 200,
        body: { goal: 'revenue', winner: null, split: { matches: true } },
      });
      const sum = (field: string) =>
        report.body.variants.reduce((all, variant) => all + (variant[field] ?? 0), 0);
      expect([sum('clicks'), sum('people'), sum('conversions'), sum('revenue_cents')]).toEqual([
        40, 20, 1, 700,
      ]);
    });

    it('counts anew where a weight changes, and goes on where anything else does', async () => {
      const link = await create({ variants });
      const since = link.routing?.since;
      const start = hw.clock.now();
      hw.clock.advance({ minutes: 5 });
      const same = await api<LinkBody>('PATCH', `/links/${link.id}`, {
        routing: { variants, query: 'none' },
      });
      expect(same.body.routing?.since).toBe(since);
      const changed = [{ ...variants[0], weight: 3 }, variants[1]];
      const anew = await api<LinkBody>('PATCH', `/links/${link.id}`, {
        routing: { variants: changed },
      });
      expect(anew.body.routing?.since).not.toBe(since);
      hw.clock.set(new Date(start));
    });
  });

  it('is simulated as it is followed, with each condition and what the request had', async () => {
    const link = await create(
      {
        rules: [
          to('german', { kind: 'country', in: ['DE', 'AT'] }, { kind: 'language', in: ['de'] }),
          to('phones', { kind: 'device', in: ['mobile'] }),
        ],
        query: 'none',
      },
      { utm_source: 'x' },
    );
    const simulated = await api('POST', `/links/${link.id}/simulate`, {
      country: 'DE',
      language: 'en-US',
      user_agent: iphone,
      query: 'a=1',
    });
    expect(simulated).toMatchObject({
      status: 200,
      body: {
        outcome: 'destination',
        location: 'https://shop.test/phones?utm_source=x',
        rule: 'phones',
        steps: [
          {
            step: 'rule',
            name: 'german',
            decided: false,
            why: "Its condition on language does not hold: the request's is en-US.",
            conditions: [
              { held: true, saw: 'DE' },
              { held: false, saw: 'en-US' },
            ],
          },
          { step: 'rule', name: 'phones', decided: true },
        ],
      },
    });
    const headers = { 'user-agent': iphone, 'accept-language': 'en-US' };
    expect(await follow(`${link.key}?a=1`, headers, { address: '81.1.2.3' })).toBe(
      'https://shop.test/phones?utm_source=x',
    );
    expect(await api('POST', `/links/${link.id}/simulate`, { country: 'Germany' })).toMatchObject({
      status: 422,
      body: { errors: { country: [expect.any(String)] } },
    });
  });

  describe('on a host with pages of its own', () => {
    const settings = {
      missing: { url: 'https://shop.test/404' },
      expired: { title: 'It is <over>', text: 'Come again.' },
      inactive: { url: 'https://shop.test/soon' },
      apps: {
        apple: [{ id: 'ABCDE12345.com.example.app' }],
        android: [{ package: 'com.example.app', fingerprints: [Array(32).fill('AB').join(':')] }],
      },
    };

    it('answers with them, and with the files of its apps', async () => {
      expect((await ask('.well-known/assetlinks.json')).status).toBe(404);
      const set = await api('PUT', '/link-domains/go.test', settings);
      expect(set).toMatchObject({ status: 200, body: { host: 'go.test', ...settings } });
      expect(await follow('nobody-has-this')).toBe('https://shop.test/404');
      const over = await create(null, { expires_at: '2026-01-01T00:00:00Z' });
      const page = await ask(over.key);
      expect(page.status).toBe(410);
      expect(await page.text()).toContain('<h1>It is &#60;over&#62;</h1>');
      const soon = await create({ start: { at: '2027-01-01T00:00:00Z' } });
      expect(await follow(soon.key)).toBe('https://shop.test/soon');

      const apple = await ask('.well-known/apple-app-site-association');
      expect(apple.status).toBe(200);
      expect(apple.headers.get('content-type')).toBe('application/json');
      expect(await apple.json()).toEqual({
        applinks: {
          details: [{ appIDs: ['ABCDE12345.com.example.app'], components: [{ '/': '/*' }] }],
        },
      });
      expect(await (await ask('.well-known/assetlinks.json')).json()).toMatchObject([
        { target: { package_name: 'com.example.app' } },
      ]);
      await api('PUT', '/link-domains/go.test', {});
      expect((await ask('nobody-has-this')).status).toBe(404);
    });

    it('refuses a page that would lead to itself, and apps that cannot be', async () => {
      expect(
        await api('PUT', '/link-domains/go.test', {
          missing: { url: 'https://go.test/x' },
          apps: { apple: [{ id: 'app' }] },
        }),
      ).toMatchObject({
        status: 422,
        body: {
          errors: { 'missing.url': [expect.any(String)], 'apps.apple[0].id': [expect.any(String)] },
        },
      });
    });
  });
});
