import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';
import type { WorkspaceSettings } from '../workspaces/workspace.ts';

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const token = 'abcdefghijklmnopqrstuv';
const ads = 'https://news.test/?fbclid=abcdefghijk';

let pglite: PGlite;
let hw: TestHeadwater;

beforeAll(async () => {
  pglite = await PGlite.create();
  hw = await createTestHeadwater({
    database: { pglite },
    links: { domains: ['go.shop.test'] },
    ownHosts: ['shop.test'],
    // These clicks are meant to be committed, however slow the machine is.
    clickPatience: { seconds: 10 },
  });
  orThrow(await hw.links.create({ domain: 'go.shop.test', key: 'go', url: 'https://shop.test/' }));
}, 60_000);
afterAll(async () => {
  await hw.close();
  await pglite.close();
});
beforeEach(async () => {
  for (const table of ['event', 'touch', 'session', 'visitor', 'identity'])
    await pglite.query(`delete from headwater.${table}`);
  await set({ cookieless: true, gpc: undefined, browserIdentify: 'trusted' });
});

async function set(settings: {
  [Key in keyof WorkspaceSettings]?: WorkspaceSettings[Key] | undefined;
}): Promise<void> {
  const changes = Object.entries(settings).map(([name, value]) => [name, value ?? null]);
  orThrow(await hw.workspaces.update({ settings: Object.fromEntries(changes) }));
}

interface Asking {
  readonly path?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
}

async function ask(asking: Asking = {}): Promise<Response> {
  const { path = '/hw/t/event', body = { url: 'https://shop.test/' } } = asking;
  const response = await hw.handler(
    new Request(`https://go.shop.test${path}`, {
      headers: { host: 'go.shop.test', 'user-agent': chrome, ...asking.headers },
      ...(path.startsWith('/hw/') && { method: 'POST', body: JSON.stringify(body) }),
    }),
    { remoteAddress: asking.address ?? '203.0.113.7' },
  );
  expect([200, 302]).toContain(response.status);
  return response;
}

const people = async () => orThrow(await hw.visitors.list()).visitors;
const identifierKinds = async () =>
  (
    await pglite.query<{ kind: string }>('select kind from headwater.identity order by kind')
  ).rows.map(({ kind }) => kind);

describe('a workspace without cookies', () => {
  it('sets none, reads none, and believes no page about its visitor', async () => {
    const headers = { cookie: `_hw_visitor=${token}` };
    const answers = [
      await ask({ path: '/go', headers }),
      await ask({ headers, body: { url: 'https://shop.test/', anonymous_id: token } }),
      await ask({ path: '/hw/t/click', headers, body: { key: 'go', anonymous_id: token } }),
    ];
    for (const answer of answers) expect(answer.headers.getSetCookie()).toEqual([]);
    for (const answer of answers.slice(1))
      expect(await answer.json()).toMatchObject({ status: 'ok', cookieless: true });
    expect(await identifierKinds()).toEqual(['cookieless']);
    expect(await people()).toHaveLength(1);
  });

  it('tells networks and browsers apart, and nobody else', async () => {
    await ask();
    await ask({ address: '203.0.113.200' });
    expect(await people()).toHaveLength(1);
    await ask({ address: '198.51.100.7' });
    await ask({ headers: { 'user-agent': chrome.replace('142', '143') } });
    expect(await people()).toHaveLength(3);
  });

  it('knows nobody on the next day, and deletes what it knew them by the day after', async () => {
    const days = async () =>
      (
        await pglite.query<{ day: number }>('select day from headwater.daily_salt order by day')
      ).rows.map(({ day }) => day);
    await ask();
    const [today] = await days();
    hw.clock.advance({ days: 1 });
    await ask();
    expect(await people()).toHaveLength(2);
    expect(await days()).toEqual([today, today! + 1]);
    hw.clock.advance({ days: 1 });
    await hw.start();
    await expect.poll(days).toEqual([today! + 1]);
  });

  it('forgets one visitor without silencing who shares their network and browser', async () => {
    await ask();
    const [forgotten] = await people();
    orThrow(await hw.privacy.forget({ visitorId: forgotten!.id }));
    hw.clock.advance({ minutes: 1 });
    const answers = [await ask(), await ask({ path: '/go' })];
    expect(await answers[0]!.json()).toMatchObject({ status: 'ok' });
    const counted = await people();
    expect(counted).toMatchObject([{ pageviews: 1, events: 2 }]);
    expect(counted[0]!.id).not.toBe(forgotten!.id);
  });

  it('never joins two people by the day’s hash, whatever its settings say', async () => {
    await set({ identifierKinds: { cookieless: { strength: 'strong' } } });
    const url = 'https://shop.test/';
    for (const person_external_id of ['alice', 'bob'])
      await ask({ body: { event_type: 'identify', url, person_external_id } });
    await ask();
    expect(await people()).toHaveLength(3);
    const merges = await pglite.query('select 1 from headwater.merge');
    expect(merges.rows).toEqual([]);
    await set({ identifierKinds: undefined });
  });

  it('keeps no fingerprint', async () => {
    await ask({ body: { url: 'https://shop.test/', fingerprint: 'f1' } });
    const { rows } = await pglite.query('select properties from headwater.event');
    expect(rows).toEqual([{ properties: null }]);
  });
});

describe('elsewhere', () => {
  beforeEach(() => set({ cookieless: undefined }));

  it('Global Privacy Control has the same effect, for that visitor alone', async () => {
    const gpc = await ask({ headers: { 'sec-gpc': '1' } });
    expect(gpc.headers.getSetCookie()).toEqual([]);
    const other = await ask();
    expect(other.headers.getSetCookie()).toHaveLength(1);
    expect(await identifierKinds()).toEqual(['cookieless', 'visitor']);
  });

  it('Global Privacy Control keeps the ids of ad platforms out of a followed link', async () => {
    await ask({
      path: '/go?gclid=abcdefghijk&utm_source=x',
      headers: { 'sec-gpc': '1', referer: 'https://news.test/?fbclid=abcdefghijk' },
    });
    const { rows } = await pglite.query('select url, referrer, signals from headwater.touch');
    expect(rows).toEqual([
      {
        url: 'https://go.shop.test/go?utm_source=x',
        referrer: 'https://news.test/',
        signals: null,
      },
    ]);
  });

  it.each(['a followed link', 'a page', 'a reported click'])(
    'Global Privacy Control keeps them out of %s of a machine too',
    async (what) => {
      const headers = { 'sec-gpc': '1', 'user-agent': 'Googlebot/2.1' };
      const url = 'https://shop.test/?gclid=abcdefghijk&utm_source=x';
      const body = { url, referrer: ads };
      if (what === 'a followed link')
        await ask({
          path: '/go?gclid=abcdefghijk&utm_source=x',
          headers: { ...headers, referer: ads },
        });
      else if (what === 'a page') await ask({ headers, body });
      else await ask({ path: '/hw/t/click', headers, body: { ...body, key: 'go' } });
      const { rows } = await pglite.query('select url, referrer, machine from headwater.event');
      expect(rows).toEqual([
        {
          url: expect.stringMatching(
            /^https:\/\/(?:go\.)?shop\.test\/(?:go)?\?utm_source=x$/,
          ) as unknown,
          referrer: 'https://news.test/',
          machine: 'Googlebot',
        },
      ]);
    },
  );

  it('denied consent keeps them out of the pages of a machine too', async () => {
    const url = 'https://shop.test/?gclid=abcdefghijk';
    const headers = { 'user-agent': 'Googlebot/2.1' };
    await ask({ headers, body: { url, consent: { ads: 'denied' } } });
    const { rows } = await pglite.query('select url from headwater.event');
    expect(rows).toEqual([{ url: 'https://shop.test/' }]);
  });

  it('Global Privacy Control has no effect where it is only recorded', async () => {
    await set({ gpc: 'recorded' });
    const answer = await ask({ headers: { 'sec-gpc': '1' } });
    expect(answer.headers.getSetCookie()).toHaveLength(1);
  });

  it('an event without consent is nobody’s who could be recognised', async () => {
    const answer = await ask({
      body: { url: 'https://shop.test/?gclid=abcdefghijk', consent: { analytics: 'denied' } },
    });
    expect(answer.headers.getSetCookie()).toEqual([]);
    const { rows } = await pglite.query('select url, signals, consent from headwater.touch');
    expect(rows).toEqual([
      { url: 'https://shop.test/', signals: null, consent: { analytics: 'denied' } },
    ]);
  });

  it('a fingerprint is kept with its event, and joins nobody', async () => {
    const url = 'https://shop.test/';
    for (const anonymous_id of [token, 'another-device'])
      await ask({ body: { url, anonymous_id, fingerprint: 'f1' } });
    const { rows } = await pglite.query('select properties from headwater.event');
    expect(rows).toEqual([1, 2].map(() => ({ properties: { fingerprint: 'f1' } })));
    expect(await identifierKinds()).toEqual(['visitor', 'visitor']);
    expect(await people()).toHaveLength(2);
  });
});

describe('the choice of a visitor', () => {
  const choose = (body: unknown, headers = {}) => ask({ path: '/hw/t/choice', body, headers });

  it('not to be counted is a cookie that scripts can read, and stops clicks on links', async () => {
    const chosen = await choose({ opt_out: true });
    expect(chosen.headers.getSetCookie()).toEqual([
      '_hw_optout=1; Path=/; Max-Age=34560000; SameSite=Lax; Secure',
    ]);
    const followed = await ask({ path: '/go', headers: { cookie: '_hw_optout=1' } });
    expect(followed.headers.get('location')).toBe('https://shop.test/');
    expect(followed.headers.getSetCookie()).toEqual([]);
    expect((await pglite.query('select 1 from headwater.event')).rows).toEqual([]);
    expect((await choose({ opt_out: false })).headers.getSetCookie()).toEqual([
      '_hw_optout=; Path=/; Max-Age=0; SameSite=Lax; Secure',
    ]);
  });

  it('to be forgotten removes the cookies that no script can', async () => {
    const cookies = (await choose({ forget: true })).headers.getSetCookie();
    expect(cookies).toEqual([
      '_hw_visitor=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
      '_hw_click=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
    ]);
  });

  it.each([
    [{ opt_out: 'yes' }, 'opt_out'],
    [{ forget: 1 }, 'forget'],
    ['x', 'body'],
  ])('as %j is refused by the name of its field', async (body, field) => {
    const response = await hw.handler(
      new Request('https://go.shop.test/hw/t/choice', {
        method: 'POST',
        headers: { host: 'go.shop.test' },
        body: JSON.stringify(body),
      }),
    );
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: { [field]: [expect.any(String)] } });
  });
});
