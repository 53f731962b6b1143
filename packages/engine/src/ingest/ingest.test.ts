import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';

const browser =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36';

describe('the event pipeline', () => {
  let hw: TestHeadwater;
  beforeAll(async () => {
    hw = await createTestHeadwater({ links: { domains: ['go.test'] } });
  }, 60_000);
  afterAll(() => hw.close());

  it('records a click, recognises its visitor and credits the sale to the link', async () => {
    const link = orThrow(
      await hw.links.create({
        domain: 'go.test',
        key: 'launch',
        url: 'https://shop.test/',
        utmSource: 'twitter',
        utmMedium: 'social',
      }),
    );
    const answer = await hw.handler(
      new Request('http://go.test/launch', {
        headers: {
          host: 'go.test',
          'user-agent':
            'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36',
        },
      }),
    );
    expect(answer.status).toBe(302);
    const cookie = /_hw_visitor=([^;]+)/.exec(answer.headers.getSetCookie().join('\n'))?.[1];
    expect(cookie).toMatch(/^[\w-]{22}$/);

    const { visitor } = orThrow(
      await hw.visitors.identify({
        anonymousId: cookie!,
        externalId: 'cust_1',
        email: 'Alice@Example.com',
        name: 'Alice',
      }),
    );
    expect(visitor).toMatchObject({
      externalId: 'cust_1',
      email: 'alice@example.com',
      name: 'Alice',
      status: 'identified',
    });

    hw.clock.advance({ minutes: 5 });
    const sale = orThrow(
      await hw.events.sale({ externalId: 'cust_1', amountMinor: 4_900n, currency: 'EUR' }),
    );
    expect(sale).toMatchObject({ outcome: 'accepted' });

    const known = await hw.visitors.getByExternalId('cust_1');
    expect(known).toMatchObject({
      status: 'customer',
      lifetimeValue: [{ currency: 'EUR', amountMinor: 4_900n }],
    });
    const path = orThrow(await hw.visitors.attribution(known!.id));
    expect(path.path).toMatchObject([
      { kind: 'click', source: 'twitter', medium: 'social', linkId: link.id },
    ]);
    const stats = await hw.links.stats(link.id);
    expect(stats).toMatchObject({ value: { clicks: 1, uniqueClicks: 1, sales: 1 } });
  });

  it('answers 404 for an unknown person and never makes one', async () => {
    const outcome = orThrow(await hw.events.sale({ externalId: 'nobody', amountMinor: 1n }));
    expect(outcome).toMatchObject({ outcome: 'rejected', code: 'visitor_not_found' });
  });

  it('counts a repeat once and refuses another body under its key', async () => {
    const eventId = randomUUID();
    const first = orThrow(await hw.events.lead({ externalId: 'cust_1', eventId }));
    const again = orThrow(await hw.events.lead({ externalId: 'cust_1', eventId }));
    const other = orThrow(await hw.events.lead({ externalId: 'cust_1', eventId, name: 'other' }));
    expect(first).toMatchObject({ outcome: 'accepted' });
    expect(again).toMatchObject({ outcome: 'duplicate', eventId: first.eventId });
    expect(other).toMatchObject({ outcome: 'rejected', code: 'idempotency_conflict' });
  });

  it('names the person of a click by its hw_click alone', async () => {
    orThrow(await hw.links.create({ domain: 'go.test', key: 'named', url: 'https://shop.test/' }));
    const answer = await hw.handler(
      new Request('http://go.test/named', { headers: { host: 'go.test', 'user-agent': browser } }),
    );
    const clickId = new URL(answer.headers.get('location')!).searchParams.get('hw_click')!;
    const lead = orThrow(await hw.events.lead({ clickId }));
    expect(lead).toMatchObject({ outcome: 'accepted' });
  });

  it('refuses identifiers of a kind that is its own', async () => {
    const refused = await hw.visitors.resolve({ identifiers: [{ kind: 'hw_click', value: 'x' }] });
    expect(refused).toMatchObject({ ok: false, code: 'validation_failed' });
  });

  it('joins nobody by an anonymous id that stands for nobody', async () => {
    const first = orThrow(
      await hw.visitors.identify({ anonymousId: 'null', externalId: 'null_1' }),
    );
    const second = orThrow(
      await hw.visitors.identify({ anonymousId: 'null', externalId: 'null_2' }),
    );
    expect(first.identity.demoted).toEqual(['visitor']);
    expect(second.identity.outcome).toBe('created');
    expect(second.visitor!.id).not.toBe(first.visitor!.id);
  });

  it('answers a replay as one also beside another body of its key', async () => {
    const eventId = randomUUID();
    orThrow(await hw.events.lead({ externalId: 'cust_1', eventId, name: 'a' }));
    const [other, replay] = await hw.events.trackBatch([
      { type: 'lead', externalId: 'cust_1', eventId, name: 'b' },
      { type: 'lead', externalId: 'cust_1', eventId, name: 'a' },
    ]);
    expect(other).toMatchObject({ value: { outcome: 'rejected', code: 'idempotency_conflict' } });
    expect(replay).toMatchObject({ value: { outcome: 'duplicate' } });
  });

  it('keeps an undone merge apart when joining by hand is refused', async () => {
    const device = orThrow(
      await hw.visitors.identify({ anonymousId: 'a-device-of-many', externalId: 'apart_1' }),
    ).visitor!;
    const evidence = orThrow(await hw.visitors.evidence(device.id));
    const { loser } = orThrow(await hw.visitors.undoMerge(evidence.merges[0]!.id));
    orThrow(await hw.visitors.identify({ visitorId: loser!.id, externalId: 'apart_2' }));
    const refused = orThrow(
      await hw.visitors.merge({ visitorId: device.id, otherVisitorId: loser!.id }),
    );
    expect(refused.identity).toMatchObject({ outcome: 'refused', reason: 'different_external_id' });
  });
});
