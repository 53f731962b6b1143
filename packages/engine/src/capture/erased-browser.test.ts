import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';
import type { WorkspaceSettings } from '../workspaces/workspace.ts';
import { createBrowserProof } from './browser-proof.ts';

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** The browser of somebody who was forgotten is still around, with its cookie and its open pages. */
describe('the browser of an erased person', () => {
  let pglite: PGlite;
  let hw: TestHeadwater;
  let made = 0;
  beforeAll(async () => {
    pglite = await PGlite.create();
    hw = await createTestHeadwater({
      database: { pglite },
      links: { domains: ['go.shop.test'] },
      ownHosts: ['shop.test'],
      // These clicks are meant to be committed, however slow the machine is.
      clickPatience: { seconds: 10 },
    });
    orThrow(
      await hw.links.create({ domain: 'go.shop.test', key: 'go', url: 'https://shop.test/' }),
    );
  }, 60_000);
  afterAll(async () => {
    await hw.close();
    await pglite.close();
  });
  beforeEach(() => set({ cookieless: undefined, browserIdentify: undefined, browserSales: true }));

  async function set(settings: {
    [Key in keyof WorkspaceSettings]?: WorkspaceSettings[Key] | undefined;
  }): Promise<void> {
    const changes = Object.entries(settings).map(([name, value]) => [name, value ?? null]);
    orThrow(await hw.workspaces.update({ settings: Object.fromEntries(changes) }));
  }

  interface Asking {
    readonly body?: unknown;
    readonly cookie?: string | undefined;
    readonly origin?: string;
    readonly headers?: Readonly<Record<string, string>>;
  }

  interface Answer {
    readonly status: number;
    readonly body: Readonly<Record<string, unknown>>;
    readonly cookie: string | undefined;
    readonly location: string | null;
  }

  async function ask(path: string, { body, cookie, origin, headers }: Asking): Promise<Answer> {
    const response = await hw.handler(
      new Request(`https://go.shop.test${path}`, {
        headers: {
          host: 'go.shop.test',
          'user-agent': chrome,
          ...(cookie !== undefined && { cookie: `_hw_visitor=${cookie}` }),
          ...(origin !== undefined && { origin }),
          ...headers,
        },
        ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      }),
      { remoteAddress: '203.0.113.7' },
    );
    const text = await response.text();
    return {
      status: response.status,
      body: text.startsWith('{') ? (JSON.parse(text) as Answer['body']) : {},
      cookie: response.headers
        .getSetCookie()
        .map((line) => /^_hw_visitor=([\w-]+);/.exec(line)?.[1])
        .find((value) => value !== undefined),
      location: response.headers.get('location'),
    };
  }

  const event = (asking: Asking) => ask('/hw/t/event', { body: page, ...asking });
  const page = { url: 'https://shop.test/pricing' };

  /** Somebody with a cookie and an external id, who was forgotten. */
  async function erased(): Promise<{ cookie: string; externalId: string; visitorId: string }> {
    made += 1;
    const externalId = `erased-${made}`;
    const proof = createBrowserProof(await hw.workspaces.first(), externalId);
    const { cookie } = await event({
      body: { ...page, event_type: 'identify', person_external_id: externalId, proof },
    });
    const person = await hw.visitors.getByExternalId(externalId);
    orThrow(await hw.privacy.forget({ externalId }));
    return { cookie: cookie!, externalId, visitorId: person!.id };
  }

  /** Whose events there are: by visitor, those who are erased left out. */
  async function eventsOf(cookie: string): Promise<string[]> {
    const found = orThrow(await hw.visitors.resolve({ anonymousId: cookie }));
    const { events } = orThrow(await hw.visitors.timeline(found.visitor!.id));
    return events.map(({ type }) => type).toSorted();
  }

  async function expectSuppressed({
    cookie,
    externalId,
    visitorId,
  }: Awaited<ReturnType<typeof erased>>) {
    expect(await hw.visitors.getByExternalId(externalId)).toBeUndefined();
    expect(await hw.visitors.resolve({ anonymousId: cookie })).toMatchObject({
      ok: false,
      code: 'visitor_erased',
    });
    expect(await hw.visitors.identify({ externalId })).toMatchObject({ code: 'visitor_erased' });
    const { rows } = await pglite.query(
      'select 1 from headwater.event where visitor_id = $1 union all select 1 from headwater.touch where visitor_id = $1',
      [visitorId],
    );
    expect(rows).toEqual([]);
  }

  it('is somebody new when it follows a link, and the click is theirs', async () => {
    const gone = await erased();
    const answer = await ask('/go', { cookie: gone.cookie });
    expect(answer.status).toBe(302);
    expect(answer.cookie).toMatch(/^[\w-]{22}$/);
    expect(answer.cookie).not.toBe(gone.cookie);
    expect(await eventsOf(answer.cookie!)).toEqual(['link_click']);
    await expectSuppressed(gone);
  });

  it('is somebody new with the event of a page, which counts for them', async () => {
    const gone = await erased();
    const answer = await event({ cookie: gone.cookie });
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { status: 'ok', outcome: 'accepted', rotate: true },
    ]);
    expect(answer.body).not.toHaveProperty('anonymous_id');
    expect(answer.cookie).not.toBe(gone.cookie);
    expect(await eventsOf(answer.cookie!)).toEqual(['pageview']);
    await expectSuppressed(gone);
    // From then on it is anybody’s browser.
    const next = await event({ cookie: answer.cookie });
    expect(next).toMatchObject({ cookie: answer.cookie, body: { outcome: 'accepted' } });
    expect(next.body).not.toHaveProperty('rotate');
  });

  it('is one new visitor for all the events of a list', async () => {
    const gone = await erased();
    const list = [page, { ...page, event_type: 'lead' }, { ...page, event_type: 'custom' }];
    const answer = await event({ cookie: gone.cookie, body: list });
    expect(answer.body).toMatchObject({
      rotate: true,
      results: list.map(() => ({ status: 'ok', outcome: 'accepted' })),
    });
    expect(await eventsOf(answer.cookie!)).toEqual(['custom', 'lead', 'pageview']);
    await expectSuppressed(gone);
  });

  it('is somebody new with a click past the redirect, which counts for them', async () => {
    const gone = await erased();
    const answer = await ask('/hw/t/click', { cookie: gone.cookie, body: { key: 'go' } });
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { status: 'ok', click_id: expect.any(String) as string, rotate: true },
    ]);
    expect(answer.cookie).not.toBe(gone.cookie);
    expect(await eventsOf(answer.cookie!)).toEqual(['link_click']);
    await expectSuppressed(gone);
  });

  it.each(['/hw/t/event', '/hw/t/click'])(
    'is told by %s who it is from then on, where its page keeps its own id',
    async (path) => {
      const gone = await erased();
      const { key } = orThrow(await hw.apiKeys.create({ kind: 'publishable', name: 'page' }));
      const origin = 'https://elsewhere.test';
      const send = (anonymous_id: unknown) =>
        ask(`${path}?key=${key}`, { origin, body: { ...page, key: 'go', anonymous_id } });
      const answer = await send(gone.cookie);
      expect(answer).toMatchObject({ status: 200, cookie: undefined, body: { rotate: true } });
      const id = answer.body['anonymous_id'];
      expect(id).toMatch(/^[\w-]{22}$/);
      const next = await send(id);
      expect(next.body).not.toHaveProperty('rotate');
      expect(await eventsOf(id as string)).toHaveLength(2);
      await expectSuppressed(gone);
    },
  );

  it('counts for somebody new without what its page says of the erased person', async () => {
    await set({ browserIdentify: 'trusted' });
    const gone = await erased();
    const claim = { person_external_id: gone.externalId, person_name: 'Ann Gone' };
    const sale = { ...page, event_type: 'sale', amount_cents: 4_900, ...claim };
    const answer = await event({ cookie: gone.cookie, body: sale });
    expect(answer.body).toMatchObject({ status: 'ok', outcome: 'accepted', rotate: true });
    expect(await eventsOf(answer.cookie!)).toEqual(['sale']);
    const found = orThrow(await hw.visitors.resolve({ anonymousId: answer.cookie! }));
    expect(found.visitor?.externalId).toBeUndefined();
    expect(found.visitor?.name).toBeUndefined();
    await expectSuppressed(gone);
  });

  it('keeps its new cookie while its page goes on to name the erased person', async () => {
    await set({ browserIdentify: 'trusted' });
    const gone = await erased();
    const { cookie } = await event({ cookie: gone.cookie });
    const identify = { ...page, event_type: 'identify', person_external_id: gone.externalId };
    const refused = await event({ cookie, body: identify });
    expect(refused).toMatchObject({ status: 422, cookie, body: { code: 'visitor_erased' } });
    expect(refused.body).not.toHaveProperty('rotate');
    const viewed = await event({ cookie, body: { ...page, person_external_id: gone.externalId } });
    expect(viewed).toMatchObject({ status: 200, cookie, body: { outcome: 'accepted' } });
    expect(await eventsOf(cookie!)).toEqual(['pageview', 'pageview']);
    await expectSuppressed(gone);
  });

  it('does not bring back an event that was erased, sent again under its id', async () => {
    const event_id = crypto.randomUUID();
    const first = await event({ body: { ...page, event_id } });
    orThrow(await hw.privacy.forget({ anonymousId: first.cookie! }));
    const again = await event({ cookie: first.cookie, body: { ...page, event_id } });
    expect(again).toMatchObject({ status: 422, body: { code: 'visitor_erased' } });
    const { cookie } = await event({ cookie: first.cookie });
    const late = await event({ cookie, body: { ...page, event_id } });
    // Nor does it cost somebody new their cookie.
    expect(late).toMatchObject({ status: 422, cookie, body: { code: 'visitor_erased' } });
    expect(late.body).not.toHaveProperty('rotate');
    expect(await eventsOf(cookie!)).toEqual(['pageview']);
  });

  it('does not tell late what happened before, and gets its new cookie', async () => {
    const gone = await erased();
    const occurred_at = hw.clock.now() - 1;
    const late = await event({ cookie: gone.cookie, body: { ...page, occurred_at } });
    expect(late).toMatchObject({ status: 422, body: { code: 'visitor_erased', rotate: true } });
    expect(late.cookie).not.toBe(gone.cookie);
    const next = await event({ cookie: late.cookie });
    expect(next).toMatchObject({ status: 200, cookie: late.cookie });
    expect(await eventsOf(late.cookie!)).toEqual(['pageview']);
    await expectSuppressed(gone);
  });

  it('reports the time on a page of before for nobody, and gets its new cookie', async () => {
    const gone = await erased();
    const body = { ...page, event_type: 'engagement', engaged_ms: 5_000 };
    const answer = await event({ cookie: gone.cookie, body });
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'dropped', rotate: true } });
    expect(answer.cookie).not.toBe(gone.cookie);
    await expectSuppressed(gone);
  });

  it('is counted without cookies too, however often somebody who shares its hash is erased', async () => {
    await set({ cookieless: true });
    hw.clock.advance({ days: 1 });
    const people = async () => {
      const { rows } = await pglite.query<{ id: string }>(
        `select distinct visitor_id as id from headwater.event where occurred_at >= $1`,
        [new Date(hw.clock.now())],
      );
      return rows.map(({ id }) => id);
    };
    await event({});
    const [visitorId] = await people();
    orThrow(await hw.privacy.forget({ visitorId: visitorId! }));
    expect(await people()).toEqual([]);
    const answers = [
      await event({}),
      await ask('/hw/t/click', { body: { key: 'go' } }),
      await ask('/go', {}),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 302]);
    for (const answer of answers.slice(0, 2))
      expect(answer.body).toMatchObject({ cookieless: true });
    expect(answers.map(({ cookie }) => cookie)).toEqual([undefined, undefined, undefined]);
    expect(await people()).not.toContain(visitorId);
    expect((await people()).length).toBeGreaterThan(0);
  });

  it.each([
    ['its own cookie', true],
    ['the cookie of another site', false],
  ])('counts a click that it prefetches and follows, landing with %s', async (_what, isOwn) => {
    const gone = await erased();
    const headers = { 'sec-purpose': 'prefetch' };
    const prefetched = await ask('/go', { cookie: gone.cookie, headers });
    const clickId = new URL(prefetched.location!).searchParams.get('hw_click');
    const other = (await event({})).cookie!;
    const url = `https://shop.test/?hw_click=${clickId}`;
    const landed = await event({ cookie: isOwn ? gone.cookie : other, body: { url } });
    expect(landed.body).toMatchObject({ status: 'ok', outcome: 'accepted' });
    expect(landed.body['rotate']).toBe(isOwn ? true : undefined);
    expect(landed.cookie === other).toBe(!isOwn);
    const types = await eventsOf(landed.cookie!);
    expect(types.filter((type) => type === 'link_click')).toHaveLength(1);
    await expectSuppressed(gone);
  });

  it('counts the landing of a click that was prefetched before, and not the click', async () => {
    made += 1;
    const externalId = `prefetched-${made}`;
    const first = await ask('/go', {});
    orThrow(await hw.visitors.identify({ externalId, anonymousId: first.cookie! }));
    const headers = { 'sec-purpose': 'prefetch' };
    const prefetched = await ask('/go', { cookie: first.cookie, headers });
    const clickId = new URL(prefetched.location!).searchParams.get('hw_click');
    orThrow(await hw.privacy.forget({ externalId }));
    const url = `https://shop.test/?hw_click=${clickId}`;
    const landed = await event({ cookie: first.cookie, body: { url } });
    expect(landed.body).toMatchObject({ status: 'ok', outcome: 'accepted', rotate: true });
    expect(await eventsOf(landed.cookie!)).toEqual(['pageview']);
    const { rows } = await pglite.query('select 1 from headwater.event where id = $1', [clickId]);
    expect(rows).toEqual([]);
  });
});
