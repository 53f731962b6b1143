import { PGlite } from '@electric-sql/pglite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import type { RecordedEvent } from '../ingest/recorded-event.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';
import type { Hook, HookVisitor } from './hook.ts';

const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36';

describe('hooks', () => {
  const logged: string[] = [];
  const log = (message: string, details?: unknown): void => {
    logged.push(`${message} ${JSON.stringify(details)}`);
  };
  const fromOptions: RecordedEvent[] = [];
  let hw: TestHeadwater;
  let linkId: string;
  const undo: Array<() => void> = [];
  beforeAll(async () => {
    hw = await createTestHeadwater({
      links: { domains: ['go.test'] },
      // These clicks are meant to be committed, however slow the machine is.
      clickPatience: { seconds: 10 },
      logger: { info: log, warn: log, error: log },
      hooks: [{ type: 'lead', run: (event) => void fromOptions.push(event) }],
    });
    linkId = orThrow(await hw.links.create({ key: 'a', url: 'https://shop.test/' })).id;
    orThrow(await hw.visitors.identify({ externalId: 'cust_1' }));
  }, 60_000);
  afterAll(() => hw.close());
  afterEach(() => {
    for (const remove of undo.splice(0)) remove();
    logged.length = 0;
  });

  function follow(headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return hw.handler(
      new Request('https://go.test/a', { headers: { 'user-agent': chrome, ...headers } }),
    );
  }

  interface Call {
    readonly event: RecordedEvent;
    readonly visitor: HookVisitor | undefined;
  }

  /** A hook that notes its calls, and a promise of the first. */
  function register(
    type: RecordedEvent['type'],
    settings: { async?: boolean; answer?: ReturnType<Hook> } = {},
  ): { calls: Call[]; first: Promise<Call> } {
    const calls: Call[] = [];
    let called: (call: Call) => void;
    const first = new Promise<Call>((resolve) => {
      called = resolve;
    });
    const { answer, ...options } = settings;
    undo.push(
      hw.hooks.register(
        type,
        (event, visitor) => {
          calls.push({ event, visitor });
          called({ event, visitor });
          return answer;
        },
        options,
      ),
    );
    return { calls, first };
  }

  it('are called once for each event that is committed, and not for its repeats', async () => {
    const { calls, first } = register('sale');
    const sale = {
      externalId: 'cust_1',
      amountMinor: 4_900n,
      currency: 'USD',
      idempotencyKey: 'order-1',
    };
    const recorded = orThrow(await hw.events.sale(sale));
    expect(orThrow(await hw.events.sale(sale))).toMatchObject({ outcome: 'duplicate' });
    const { event, visitor } = await first;
    expect(event).toMatchObject({
      id: recorded.eventId,
      type: 'sale',
      amountMinor: 4_900n,
      currency: 'USD',
      origin: 'library',
      recordedAt: new Date(hw.clock.now()),
    });
    expect(recorded).toMatchObject({ visitorId: visitor!.id, personId: visitor!.personId });
    await hw.events.lead({ externalId: 'cust_1' });
    await moment();
    expect(calls).toHaveLength(1);
  });

  it('may stand in the options', async () => {
    const { first } = register('lead');
    const { eventId } = orThrow(await hw.events.lead({ externalId: 'cust_1' }));
    await first;
    expect(fromOptions.map(({ id }) => id)).toContain(eventId);
  });

  it('set cookies and headers on the redirect of the click that they are told of', async () => {
    const { calls } = register('link_click', {
      answer: {
        setCookies: [{ name: 'partner_id', value: 'abc', days: 30 }],
        headers: { 'X-Partner': 'abc' },
      },
    });
    const later = register('link_click', { async: true });
    const response = await follow();
    expect(response.status).toBe(302);
    expect(response.headers.getSetCookie()).toContain(
      'partner_id=abc; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure',
    );
    expect(response.headers.getSetCookie()).toHaveLength(3);
    expect(response.headers.get('x-partner')).toBe('abc');
    const told = await later.first;
    expect(told.event).toMatchObject({ type: 'link_click', linkId, origin: 'redirect' });
    expect(told.event.recordedAt).toBeInstanceOf(Date);
    expect(told.visitor).toMatchObject({ id: told.event.visitorId });
    expect(calls).toEqual([told]);
    expect(later.calls).toHaveLength(1);
  });

  it('are told of clicks that come otherwise, and of machines', async () => {
    const { calls, first } = register('link_click');
    await hw.events.track({ type: 'link_click', linkId, externalId: 'cust_1' });
    expect((await first).event).toMatchObject({ origin: 'library', linkId });
    await follow({ 'user-agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' });
    expect(calls).toHaveLength(2);
    expect(calls[1]).toMatchObject({ visitor: undefined, event: { visitorId: undefined } });
  });

  it('are called once for a click that was only prefetched at first', async () => {
    const { calls } = register('link_click');
    const later = register('link_click', { async: true });
    const prefetched = await follow({ 'sec-purpose': 'prefetch' });
    expect(calls).toMatchObject([{ event: { recordedAt: undefined }, visitor: undefined }]);
    const landing = new URL(prefetched.headers.get('location')!);
    const clickId = landing.searchParams.get('hw_click')!;
    const landed = await hw.handler(
      new Request('https://go.test/hw/t/event', {
        method: 'POST',
        headers: { 'user-agent': chrome },
        body: JSON.stringify({ url: `https://go.test/?hw_click=${clickId}` }),
      }),
    );
    expect(landed.status).toBe(200);
    expect((await later.first).event.id).toBe(clickId);
    await moment();
    expect([calls.length, later.calls.length]).toEqual([1, 1]);
  });

  it('are called for what a transaction of the host has committed', async () => {
    const pglite = await PGlite.create();
    const told: string[] = [];
    const other = await createTestHeadwater({
      database: { pglite },
      hooks: [{ type: 'lead', run: (event) => void told.push(event.id) }],
    });
    orThrow(await other.visitors.identify({ externalId: 'cust_1' }));
    const { eventId } = await pglite.transaction(async (tx) =>
      orThrow(await other.events.lead({ externalId: 'cust_1' }, { tx })),
    );
    expect(told).toEqual([]);
    await other.events.flush();
    await other.close();
    await pglite.close();
    expect(told).toEqual([eventId]);
  });

  it('hold up a redirect for 50 ms at most, whatever they do', async () => {
    const { calls } = register('link_click', { answer: new Promise(() => undefined) });
    undo.push(
      hw.hooks.register('link_click', () => {
        throw new Error('out of order');
      }),
    );
    const quick = register('link_click', {
      answer: { setCookies: [{ name: 'quick', value: '1', days: 1 }] },
    });
    const response = await follow();
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toMatch(/^https:\/\/shop\.test\/\?hw_click=/);
    expect(response.headers.getSetCookie().join()).toContain('quick=1');
    expect([calls.length, quick.calls.length]).toEqual([1, 1]);
    expect(logged.join()).toContain('A hook took longer than a redirect waits.');
    expect(logged.join()).toContain('A hook failed.');
  });

  it('do not hold up a redirect at all when they are async, and finish nevertheless', async () => {
    const gate = Promise.withResolvers<void>();
    const order: string[] = [];
    const finished = new Promise<void>((resolve) => {
      undo.push(
        hw.hooks.register(
          'link_click',
          async () => {
            await gate.promise;
            order.push('hook');
            resolve();
          },
          { async: true },
        ),
      );
    });
    const response = await follow();
    order.push('redirect');
    expect(response.status).toBe(302);
    gate.resolve();
    await finished;
    expect(order).toEqual(['redirect', 'hook']);
  });

  it('cannot make another answer of a redirect', async () => {
    register('link_click', {
      answer: {
        setCookies: [
          { name: 'a b', value: '1', days: 1 },
          { name: 'a', value: '1; Domain=evil.test', days: 1 },
          { name: 'a', value: '1', days: 401 },
        ],
        headers: { Location: 'https://evil.test/', 'x-a': 'a\r\nx-b: b', 'x\n': '1' },
      },
    });
    const response = await follow();
    expect(response.headers.get('location')).toMatch(/^https:\/\/shop\.test\//);
    expect(response.headers.getSetCookie()).toHaveLength(2);
    expect([...response.headers.keys()].filter((name) => name.startsWith('x'))).toEqual([]);
    expect(logged.join()).toContain('setCookies: name must be a token');
    expect(logged.join()).toContain('the days of a must be a whole number from 0 to 400');
  });

  it('harm no event when they fail', async () => {
    undo.push(hw.hooks.register('lead', () => Promise.reject(new Error('out of order'))));
    const { first } = register('lead');
    const recorded = orThrow(await hw.events.lead({ externalId: 'cust_1' }));
    expect(recorded.outcome).toBe('accepted');
    await first;
    await moment();
    expect(logged.join()).toContain('A hook failed.');
  });

  it('are finished with before the engine closes', async () => {
    let finished = false;
    const other = await createTestHeadwater({
      hooks: [
        {
          type: 'registration',
          async run() {
            await moment();
            finished = true;
          },
        },
      ],
    });
    orThrow(await other.visitors.identify({ externalId: 'cust_1' }));
    orThrow(await other.events.track({ type: 'registration', externalId: 'cust_1' }));
    await other.close();
    expect(finished).toBe(true);
  });
});

/** Hooks begin after the callers of a commit have been answered. */
function moment(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
