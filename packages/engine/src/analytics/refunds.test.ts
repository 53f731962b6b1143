import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import { orThrow } from '../kernel/result.ts';
import type { Money } from '../kernel/money.ts';
import type { TalliedConversions } from './conversion-tally.ts';

const minute = 60_000;
const day = 1_440;
const midnight = new Date(noon + 12 * 60 * minute);
const first = { from: new Date(noon), to: midnight };
const second = { from: midnight, to: new Date(midnight.getTime() + day * minute) };
const both = { from: first.from, to: second.to };

describe.each(testDatabaseSizes)('refunds and removals in reports on %s', (size) => {
  let context: TestContext;
  let people: People;
  beforeAll(async () => {
    context = await openTestContext(size);
    context.clock.moveBy(noon + 3 * day * minute - context.clock.now());
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());
  beforeEach(async () => {
    people = await openNewPeople(context);
  });

  function arrive(who: string, at: number, channel: string, countryCode: string): Promise<unknown> {
    const source = {
      kind: 'campaign',
      source: channel.toLowerCase(),
      channel,
      confidence: 'certain',
      rule: 'test',
    } as const;
    const more = { arrival: { source }, place: { countryCode } } as Partial<IncomingEvent>;
    return people.see(who, at, { type: 'pageview', more });
  }
  const sell = (who: string, at: number, amountMinor: string, currency = 'USD') =>
    people.see(who, at, { type: 'sale', more: { amountMinor, currency } });
  const refund = (who: string, at: number, amountMinor: string, currency = 'USD') =>
    people.see(who, at, { type: 'refund', more: { amountMinor, currency } });
  const remove = (who: string, at: number, goal = 'sale', conversionId?: string) =>
    people.see(who, at, {
      type: 'refund',
      more: {
        properties: { refund_of_type: goal, ...(conversionId && { refund_of: conversionId }) },
      },
    });

  async function conversionsOf(window: typeof both): Promise<TalliedConversions> {
    return orThrow(await people.hw.analytics.summary(window)).numbers.conversions!;
  }
  const amounts = (revenue: unknown): Record<string, bigint> =>
    Object.fromEntries(
      (revenue as readonly Money[]).map(({ currency, amountMinor }) => [currency, amountMinor]),
    );

  // Ann, by an ad in Germany, buys for 100.01 and for 20.00 EUR; 30.00 go back the next day. Ben, by mail in France, leaves
  // his address, buys for 50.00, and both are removed the next day. Cy buys for 7.00 and it is removed at once.
  async function shop(): Promise<void> {
    await arrive('user:ann device:a', 0, 'Ads', 'DE');
    await sell('user:ann device:a', 1, '10001');
    await sell('user:ann device:a', 2, '2000', 'EUR');
    await arrive('user:ben device:b', 5, 'Email', 'FR');
    await people.see('user:ben device:b', 6, { type: 'lead' });
    await sell('user:ben device:b', 7, '5000');
    await sell('user:cy', 10, '700');
    await remove('user:cy', 11);
    await refund('user:ann', day, '3000');
    await remove('user:ben', day + 1);
    await remove('user:ben', day + 2, 'lead');
  }

  it('count on the day on which they were made, so days add up', async () => {
    await shop();
    expect(await conversionsOf(first)).toEqual({
      conversions: 4,
      leads: 1,
      sales: 3,
      buyers: 2,
      revenue: [
        { currency: 'EUR', amountMinor: 2_000n },
        { currency: 'USD', amountMinor: 15_001n },
      ],
    });
    expect(await conversionsOf(second)).toEqual({
      conversions: -2,
      leads: -1,
      sales: -1,
      buyers: 0,
      revenue: [{ currency: 'USD', amountMinor: -8_000n }],
    });
    expect(await conversionsOf(both)).toEqual({
      conversions: 2,
      leads: 0,
      sales: 2,
      buyers: 1,
      revenue: [
        { currency: 'EUR', amountMinor: 2_000n },
        { currency: 'USD', amountMinor: 7_001n },
      ],
    });
    const { points } = orThrow(
      await people.hw.analytics.timeSeries({
        ...both,
        metrics: ['revenue', 'sales', 'conversions', 'buyers'],
        interval: '12h',
        timezone: 'UTC',
      }),
    );
    expect(
      points.map(({ numbers }) => [
        amounts(numbers.revenue)['USD'],
        numbers.sales,
        numbers.conversions,
        numbers.buyers,
      ]),
    ).toEqual([
      [15_001n, 3, 4, 2],
      [undefined, 0, 0, 0],
      [-8_000n, -1, -2, 0],
    ]);
  });

  it('take from what their conversion counts for, wherever they were made themselves', async () => {
    await shop();
    const rowsOf = async (dimension: string) =>
      orThrow(
        await people.hw.analytics.breakdown({
          ...both,
          dimension,
          metrics: ['revenue', 'sales', 'buyers', 'leads'],
        }),
      ).rows.map(({ value, numbers }) => [
        value,
        amounts(numbers.revenue),
        numbers.sales,
        numbers.buyers,
        numbers.leads,
      ]);
    expect(await rowsOf('channel')).toEqual([
      ['Ads', { EUR: 2_000n, USD: 7_001n }, 2, 1, 0],
      ['Email', { USD: 0n }, 0, 0, 0],
      [null, { USD: 0n }, 0, 0, 0],
    ]);
    // Ann's refund came from a server that knows of no country.
    expect(await rowsOf('country')).toEqual([
      ['DE', { EUR: 2_000n, USD: 7_001n }, 2, 1, 0],
      ['FR', { USD: 0n }, 0, 0, 0],
      [null, { USD: 0n }, 0, 0, 0],
    ]);
    const filters = [{ dimension: 'country', values: ['DE'] }];
    const { numbers } = orThrow(await people.hw.analytics.summary({ ...second, filters }));
    expect(numbers.conversions).toMatchObject({
      sales: 0,
      revenue: [{ currency: 'USD', amountMinor: -3_000n }],
    });
  });

  it('leave each channel what the attribution report leaves it, where both are in the period', async () => {
    await shop();
    const { rows: attributed } = orThrow(
      await people.hw.attribution.report({ ...both, models: ['last_non_direct'] }),
    );
    const earned = attributed.map(({ value, credits }) => [
      value ?? null,
      Object.values(credits)[0]!.conversions,
      amounts(Object.values(credits)[0]!.revenue)['USD'] ?? 0n,
    ]);
    const { rows } = orThrow(
      await people.hw.analytics.breakdown({
        ...both,
        dimension: 'channel',
        metrics: ['sales', 'revenue'],
      }),
    );
    const counted = rows.map(({ value, numbers }) => [
      value,
      numbers.sales,
      amounts(numbers.revenue)['USD'] ?? 0n,
    ]);
    expect(counted.filter(([, sales]) => sales !== 0)).toEqual(
      earned.filter(([, sales]) => sales !== 0),
    );
    expect(counted[0]).toEqual(['Ads', 2, 7_001n]);
  });

  it('remove a conversion once, however often that is told', async () => {
    const { eventId } = await sell('user:ann', 1, '5000');
    await sell('user:ann', 2, '100');
    await remove('user:support', 3, 'sale', eventId);
    await remove('user:support', 4, 'sale', eventId);
    expect(await conversionsOf(first)).toMatchObject({
      conversions: 1,
      sales: 1,
      buyers: 1,
      revenue: [{ currency: 'USD', amountMinor: 100n }],
    });
  });

  it('take nothing before their conversion is known, but for money that has gone back', async () => {
    await remove('user:ann', 3);
    await refund('user:ben', 3, '400');
    expect(await conversionsOf(first)).toEqual({
      conversions: 0,
      leads: 0,
      sales: 0,
      buyers: 0,
      revenue: [{ currency: 'USD', amountMinor: -400n }],
    });
    await sell('user:ann', 1, '900');
    await sell('user:ben', 1, '1000');
    expect(await conversionsOf(first)).toEqual({
      conversions: 1,
      leads: 0,
      sales: 1,
      buyers: 1,
      revenue: [{ currency: 'USD', amountMinor: 600n }],
    });
  });

  it('of leads and registrations are no revenue, as their amounts are none', async () => {
    const more = { amountMinor: '900', currency: 'USD' };
    await people.see('user:ann', 1, { type: 'lead', more });
    await people.see('user:ann', 2, {
      type: 'refund',
      more: { ...more, amountMinor: '400', properties: { refund_of_type: 'lead' } },
    });
    expect(await conversionsOf(first)).toMatchObject({ conversions: 1, leads: 1, revenue: [] });
  });

  it('are exact beyond what a floating-point number can tell apart', async () => {
    await sell('user:ann', 1, '1000000000000000');
    for (let at = 2; at < 12; at += 1) await sell('user:ann', at, '1000000000000000');
    await refund('user:ann', 20, '1');
    const { revenue } = await conversionsOf(first);
    expect(revenue).toEqual([{ currency: 'USD', amountMinor: 10_999_999_999_999_999n }]);
  });

  it('follow people who turn out to be one, also who bought', async () => {
    await sell('user:ann', 1, '500');
    await sell('device:a', 2, '300');
    expect((await conversionsOf(first)).buyers).toBe(2);
    await remove('device:a', 3);
    await people.see('user:ann device:a', 4, { type: 'identify' });
    expect(await conversionsOf(first)).toMatchObject({
      sales: 1,
      buyers: 1,
      revenue: [{ currency: 'USD', amountMinor: 500n }],
    });
  });
});
