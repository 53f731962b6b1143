import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { recount } from '../../../../test/support/recount.ts';
import type { Recount } from '../../../../test/support/recount.ts';
import type { Money } from '../kernel/money.ts';
import { orThrow } from '../kernel/result.ts';
import type { Source } from '../sources/source.ts';
import { rollUp } from './roll-up.ts';

const hour = 3_600_000;
/** The second day of three. */
const window = { from: noon + 10 * hour, to: noon + 40 * hour };
const dates = { from: new Date(window.from), to: new Date(window.to) };

/** What the reports say. */
async function report(people: People): Promise<Recount> {
  const { hw } = people;
  const { numbers } = orThrow(await hw.analytics.summary(dates));
  const one = { ...dates, limit: 200 };
  const series = orThrow(
    await hw.analytics.timeSeries({
      ...dates,
      metrics: ['people', 'revenue'],
      interval: '1h',
      timezone: 'UTC',
    }),
  );
  const rowsOf = async (dimension: string, metrics: readonly string[]) =>
    orThrow(await hw.analytics.breakdown({ ...one, dimension, metrics })).rows;
  const visits = await rowsOf('channel', ['sessions', 'people', 'bounces', 'engaged']);
  const pages = await rowsOf('page', ['pageviews', 'people']);
  const exits = await rowsOf('exit_page', ['sessions']);
  const earned = await rowsOf('channel', ['revenue', 'sales']);
  const conversions = numbers.conversions!;
  const sum = (metric: 'bounces' | 'engaged'): number =>
    visits.reduce((total, row) => total + (row.numbers[metric] as number), 0);
  return {
    sales: conversions.sales,
    buyers: conversions.buyers,
    revenue: byCurrency(conversions.revenue),
    revenueByChannel: Object.fromEntries(
      earned.flatMap(({ value, numbers: { revenue } }) => {
        const dollars = byCurrency(revenue)['USD'];
        return dollars === undefined ? [] : [[String(value), dollars]];
      }),
    ),
    revenueByHour: series.points.map(
      ({ numbers: { revenue } }) => byCurrency(revenue)['USD'] ?? 0n,
    ),
    people: numbers.people,
    newPeople: numbers.newPeople,
    identified: Math.round(numbers.identificationRate * numbers.people),
    events: numbers.events,
    pageviews: numbers.pageviews,
    sessions: numbers.sessions!,
    bounces: sum('bounces'),
    engaged: sum('engaged'),
    seconds: Math.round(numbers.averageSeconds! * numbers.sessions!),
    peopleByHour: series.points.map(({ numbers: { people: count } }) => count as number),
    byPage: Object.fromEntries(
      pages.map(({ value, numbers: row }) => [
        String(value),
        [row.pageviews as number, row.people as number] as const,
      ]),
    ),
    byChannel: Object.fromEntries(
      visits.map(({ value, numbers: row }) => [
        String(value),
        [row.sessions as number, row.people as number] as const,
      ]),
    ),
    byExit: Object.fromEntries(
      exits.map(({ value, numbers: row }) => [String(value), row.sessions as number]),
    ),
  };
}

function byCurrency(revenue: unknown): Record<string, bigint> {
  return Object.fromEntries(
    (revenue as readonly Money[]).map(({ currency, amountMinor }) => [currency, amountMinor]),
  );
}

const minutes = fc.integer({ min: 0, max: 3 * 24 * 60 });
const device = fc.integer({ min: 0, max: 7 });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('look' as const),
      device,
      at: minutes,
      page: fc.integer({ min: 0, max: 5 }),
      channel: fc.integer({ min: 0, max: 3 }),
      stays: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('sign in' as const),
      device,
      user: fc.integer({ min: 0, max: 3 }),
      at: minutes,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('buy' as const),
      user: fc.integer({ min: 0, max: 3 }),
      at: minutes,
      amountMinor: fc.integer({ min: 1, max: 10_000 }),
      currency: fc.constantFrom('USD', 'USD', 'EUR'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('refund' as const),
      user: fc.integer({ min: 0, max: 3 }),
      at: minutes,
      // Without an amount it is a removal.
      amountMinor: fc.option(fc.integer({ min: 1, max: 3_000 }), { nil: undefined }),
      /** The last sale of anybody, or whichever of theirs is found. */
      named: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('undo' as const),
      user: fc.integer({ min: 0, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), device }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('roll up' as const),
      hours: fc.constantFrom(3, 24, 200),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

describe.each(testDatabaseSizes)('reports on %s', (size) => {
  let context: TestContext;
  let lastSale: string | undefined;
  beforeAll(async () => {
    context = await openTestContext(size);
    context.clock.moveBy(noon + 3 * 24 * hour - context.clock.now());
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  async function take(people: People, given: Step): Promise<void> {
    switch (given.do) {
      case 'look': {
        const source = {
          kind: 'campaign',
          source: `source ${given.channel}`,
          channel: `channel ${given.channel}`,
          confidence: 'certain',
          rule: 'test',
          rulesVersion: 'test',
        } as unknown as Source;
        // Together, so that they may be one batch.
        await people.seeTogether(
          Array.from({ length: given.stays }, (_, at) => ({
            who: `device:${given.device}`,
            at: given.at + at * 7,
            type: 'pageview' as const,
            more: {
              url: `https://shop.example/${given.page + at}?q=${given.at}`,
              ...(at === 0 && given.channel > 0 && { arrival: { source } }),
              place: { country: 'Germany', countryCode: 'DE' },
            },
          })),
        );
        return;
      }
      case 'sign in':
        await people.seeTogether([
          { who: `device:${given.device} user:${given.user}`, at: given.at },
        ]);
        return;
      case 'buy':
        await people.seeTogether([
          {
            who: `user:${given.user}`,
            at: given.at,
            type: 'sale',
            id: (lastSale = context.createId(context.clock.now())),
            more: { amountMinor: String(given.amountMinor), currency: given.currency },
          },
        ]);
        return;
      case 'refund':
        await people.seeTogether([
          {
            who: `user:${given.user}`,
            at: given.at,
            type: 'refund',
            more: {
              ...(given.amountMinor !== undefined && {
                amountMinor: String(given.amountMinor),
                currency: 'USD',
              }),
              ...(given.named && { properties: { refund_of: lastSale } }),
            },
          },
        ]);
        return;
      case 'undo': {
        const found = await people.find(`user:${given.user}`);
        if (found === undefined) return;
        const evidence = await people.hw.visitors.evidence(found.rootId);
        if (!evidence.ok) return;
        const live = evidence.value.merges.findLast((merge) => merge.undoneAt === undefined);
        if (live !== undefined) await people.hw.visitors.undoMerge(live.id);
        return;
      }
      case 'forget': {
        const found = await people.find(`device:${given.device}`);
        if (found !== undefined) await people.hw.privacy.forget({ visitorId: found.rootId });
        return;
      }
      case 'roll up':
        await rollUp(context, people.workspace.id, given.hours);
    }
  }

  it('say what the events say, whatever happened since their hours were made', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
        const people = await openNewPeople(context);
        lastSale = undefined;
        for (const [at, given] of steps.entries()) {
          await take(people, given);
          if (at % 10 !== 9 && at !== steps.length - 1) continue;
          expect(await report(people)).toEqual(await recount(context, people.workspace.id, window));
        }
      }),
      { numRuns: 6, endOnFailure: true },
    );
  }, 240_000);
});
