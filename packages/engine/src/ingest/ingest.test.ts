import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';

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
    const path = await hw.visitors.attribution(known!.id);
    expect(path!.path).toMatchObject([
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
});
