import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { testDatabaseSizes } from '../../../../test/support/context.ts';
import { createPostgresDatabase } from '../../../../test/support/postgres.ts';
import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';
import { createBrowserProof } from './browser-proof.ts';

type Answer = { readonly status: number; readonly body: Record<string, unknown> };

describe.each(testDatabaseSizes)('beacons on %s', (size) => {
  const resources = new AsyncDisposableStack();
  let hw: TestHeadwater;
  beforeAll(async () => {
    if (size === 'postgres') {
      const server = resources.use(await createPostgresDatabase());
      hw = resources.use(await open({ database: { url: server.url } }));
    } else {
      hw = resources.use(await open({}));
    }
  }, 60_000);
  afterAll(() => resources.disposeAsync());

  const open = (options: Parameters<typeof createTestHeadwater>[0]) =>
    createTestHeadwater({ ...options, links: { domains: ['shop.test'] } });

  async function send(body: unknown, cookie?: string, path = 'event'): Promise<Answer> {
    const response = await hw.handler(
      new Request(`http://shop.test/hw/t/${path}`, {
        method: 'POST',
        headers: {
          host: 'shop.test',
          'content-type': 'text/plain',
          'user-agent':
            'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
          ...(cookie !== undefined && { cookie: `_hw_visitor=${cookie}` }),
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    );
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  const page = { event_type: 'pageview', url: 'http://shop.test/', referrer: '' };
  const timelineOf = async (externalId: string) => {
    const person = await hw.visitors.getByExternalId(externalId);
    return person === undefined ? [] : orThrow(await hw.visitors.timeline(person.id)).events;
  };
  const identify = async (externalId: string) => ({
    ...page,
    event_type: 'identify',
    person_external_id: externalId,
    proof: createBrowserProof(await hw.workspaces.first(), externalId),
  });

  it('makes one visitor of 20 first requests at once', async () => {
    const anonymous_id = 'twentyatonce0000000000';
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        send({ ...page, anonymous_id, event_name: `n${index}` }),
      ),
    );
    expect(await send({ ...(await identify('twenty')), anonymous_id })).toMatchObject({
      status: 200,
    });
    const events = await timelineOf('twenty');
    const views = events.filter((event) => event.type === 'pageview');
    expect(views).toHaveLength(20);
    expect(new Set(views.map((event) => event.visitorId)).size).toBe(1);
  });

  it('counts a click past the redirect once, however often its page reports it', async () => {
    const link = orThrow(
      await hw.links.create({ domain: 'shop.test', key: 'via', url: 'http://shop.test/' }),
    );
    const click = { event_id: randomUUID(), key: 'via', anonymous_id: 'past00000000000redirect' };
    const report = () => send(click, undefined, 'click');
    const answers = await Promise.all([report(), report(), report()]);
    answers.push(await report());
    expect(new Set(answers.map(({ body }) => body['click_id'])).size).toBe(1);
    expect(orThrow(await hw.links.clicks(link.id)).clicks).toMatchObject([
      { id: answers[0]?.body['click_id'] },
    ]);
    expect(orThrow(await hw.links.stats(link.id))).toMatchObject({ clicks: 1, uniqueClicks: 1 });
  });

  it('records an event once, however often it is sent at once, and refuses another body under its id', async () => {
    const event = {
      ...(await identify('once')),
      event_id: randomUUID(),
      anonymous_id: 'once000000000000000000',
    };
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(event)));
    expect(answers.map((answer) => String(answer.body['outcome'])).toSorted()).toEqual([
      'accepted',
      ...Array.from({ length: 9 }, () => 'duplicate'),
    ]);
    expect(new Set(answers.map((answer) => answer.body['event_id'])).size).toBe(1);
    expect(await timelineOf('once')).toHaveLength(1);
    const other = await send({ ...event, event_name: 'other' });
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } });
  });

  describe('time spent on a page', () => {
    const engagement = { ...page, event_type: 'engagement', engaged_ms: 12_000, scroll_depth: 80 };
    const people = async () => orThrow(await hw.visitors.list()).visitors.length;
    const timeOf = async (externalId: string) =>
      (await timelineOf(externalId))
        .filter(({ type }) => type === 'engagement')
        .map(({ properties }) => properties);

    it('counts for the visitor who is known', async () => {
      const anonymous_id = 'engaged000000000000000';
      await send({ ...(await identify('engaged')), anonymous_id });
      expect(await send({ ...engagement, anonymous_id })).toMatchObject({
        status: 200,
        body: { status: 'ok', outcome: 'accepted' },
      });
      expect(await timeOf('engaged')).toEqual([{ engaged_ms: 12_000, scroll_depth: 80 }]);
      const visits = (await timelineOf('engaged')).map(({ sessionId }) => sessionId);
      expect(visits).toEqual([expect.any(String), visits[0]]);
    });

    it('of more than half an hour counts as half an hour', async () => {
      const anonymous_id = 'halfhour00000000000000';
      await send({ ...(await identify('half-hour')), anonymous_id });
      await send({ ...engagement, engaged_ms: 9_999_999_999, anonymous_id });
      expect(await timeOf('half-hour')).toMatchObject([{ engaged_ms: 1_800_000 }]);
    });

    it('of somebody unknown is dropped, and makes neither visitor nor cookie', async () => {
      const before = await people();
      const unknown = [
        await send(engagement),
        await send(engagement, 'unknown000000000cookie'),
        await send({ ...engagement, anonymous_id: 'unknown000000anonymous' }),
        await send({ ...engagement, ...(await identify('unknown')), event_type: 'engagement' }),
      ];
      for (const { status, body } of unknown) {
        expect(status).toBe(200);
        expect(body).toEqual({ status: 'ok', outcome: 'dropped', event_id: expect.any(String) });
      }
      expect(await people()).toBe(before);
      const response = await hw.handler(
        new Request('http://shop.test/hw/t/event', {
          method: 'POST',
          headers: { host: 'shop.test', 'user-agent': 'Mozilla/5.0 (X11; Linux) Firefox/140.0' },
          body: JSON.stringify(engagement),
        }),
      );
      expect(response.headers.getSetCookie()).toEqual([]);
    });

    it('counts beside the page view that it comes with', async () => {
      const anonymous_id = 'together00000000000000';
      const events = [engagement, page].map((event) => ({ ...event, anonymous_id }));
      const answer = await send(events);
      const results = answer.body['results'] as readonly Record<string, unknown>[];
      expect(results.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
    });

    it('is the one of the cookie, whomever the page names beside it, and joins nobody', async () => {
      const [cookie, anonymous_id] = ['ambiguous0000000000one', 'ambiguous0000000000two'];
      await send({ ...(await identify('first')), anonymous_id: cookie });
      await send({ ...(await identify('second')), anonymous_id });
      const before = await people();
      const both = { ...engagement, ...(await identify('second')), event_type: 'engagement' };
      expect(await send({ ...both, anonymous_id }, cookie)).toMatchObject({
        body: { outcome: 'accepted' },
      });
      expect(await timeOf('first')).toHaveLength(1);
      expect(await timeOf('second')).toEqual([]);
      expect(await people()).toBe(before);
    });
  });

  it('keeps the amounts that pages may claim', async () => {
    const anonymous_id = 'amount0000000000000000';
    orThrow(await hw.workspaces.update({ settings: { browserSales: true } }));
    await send({ ...(await identify('payer')), anonymous_id });
    const sale = { ...page, event_type: 'sale', anonymous_id, amount_cents: 4900, currency: 'JPY' };
    expect(await send([sale, { ...sale, amount_cents: 100 }])).toMatchObject({ status: 200 });
    expect(await hw.visitors.getByExternalId('payer')).toMatchObject({
      status: 'customer',
      lifetimeValue: [{ currency: 'JPY', amountMinor: 5000n }],
    });
  });

  it('stores addresses that are longer than an index could hold, cut', async () => {
    const anonymous_id = 'long000000000000000000';
    const url = `http://shop.test/?q=${'漢'.repeat(1_500)}&${'x=y&'.repeat(1_000)}`;
    const event = { ...(await identify('long')), url, referrer: url, anonymous_id };
    expect(await send(event)).toMatchObject({ status: 200, body: { outcome: 'accepted' } });
    const [stored] = await timelineOf('long');
    expect(stored?.url).toBe(url.slice(0, 2_083));
  });

  it('keeps name and metadata of a visitor that proves nothing, and joins nobody', async () => {
    const anonymous_id = 'nobody0000000000000000';
    const claim = {
      ...page,
      event_type: 'identify',
      anonymous_id,
      person_external_id: 'payer',
      person_name: 'Mallory',
    };
    expect(await send(claim)).toMatchObject({ body: { unproven: ['person_external_id'] } });
    expect(await timelineOf('payer')).toHaveLength(3);
    expect((await hw.visitors.getByExternalId('payer'))?.name).toBeUndefined();
  });

  it('stores whatever a page puts into an event, or says what is wrong with it, and loses no neighbour', async () => {
    const anonymous_id = 'hostile000000000000000';
    await send({ ...(await identify('hostile')), anonymous_id });
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const scalar = fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null));
    const event = fc.record(
      {
        event_type: fc.constantFrom(
          'pageview',
          'custom',
          'lead',
          'share',
          'engagement',
          'session_start',
          'identify',
          'x',
        ),
        event_name: text,
        url: fc.oneof(
          fc.webUrl({ withQueryParameters: true, withFragments: true }),
          text.map((rest) => `http://${rest}`),
          text,
        ),
        referrer: fc.oneof(
          fc.webUrl(),
          text.map((rest) => `https://x.test/${rest}?utm_source=${rest}`),
          scalar,
        ),
        properties: fc.oneof(fc.dictionary(text, scalar), fc.jsonValue()),
        person_metadata: fc.dictionary(text, scalar),
        person_name: text,
        amount_cents: fc.oneof(fc.integer(), fc.double(), text),
        currency: fc.constantFrom('EUR', 'jpy', 'x', 7),
        occurred_at: fc.oneof(fc.date({ noInvalidDate: true }).map(String), fc.double(), text),
        sent_at: fc.oneof(fc.date({ noInvalidDate: true }).map(String), fc.double(), text),
        signals: fc.dictionary(fc.constantFrom('_fbp', '_fbc', 'x', '__proto__'), scalar),
        event_id: fc.oneof(fc.uuid(), text, scalar),
      },
      { requiredKeys: [] },
    );
    let neighbours = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 8 }), async (events) => {
        const neighbour = { ...page, event_type: 'custom', event_name: 'neighbour', anonymous_id };
        const list = [neighbour, ...events.map((item) => ({ ...item, anonymous_id })), neighbour];
        const answer = await send(list);
        expect(answer.status).toBe(200);
        const results = answer.body['results'] as readonly Record<string, unknown>[];
        expect(results).toHaveLength(list.length);
        expect([results[0]?.['status'], results.at(-1)?.['status']]).toEqual(['ok', 'ok']);
        for (const result of results) {
          expect(['accepted', 'duplicate', 'rejected']).toContain(result['outcome']);
          // What the schema lets through, the database takes.
          expect(result['code']).not.toBe('unstorable');
        }
        neighbours += 2;
      }),
      { numRuns: 60 },
    );
    const person = await hw.visitors.getByExternalId('hostile');
    expect(person?.events).toBeGreaterThanOrEqual(neighbours);
  }, 60_000);
});
