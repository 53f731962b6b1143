import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { orThrow } from '../kernel/result.ts';

const day = 24 * 60;
const dayMilliseconds = day * 60_000;

let context: TestContext;
let people: People;
beforeAll(async () => {
  context = await openTestContext('pglite');
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  people = await openNewPeople(context);
});

function arrive(who: string, at: number, channel: string) {
  const source = {
    confidence: 'certain',
    rule: 'test',
    kind: 'campaign',
    source: channel,
  } as const;
  return people.see(who, at, {
    type: 'pageview',
    more: { arrival: { source: { ...source, channel } } },
  });
}

function sell(who: string, at: number, amountMinor: string) {
  return people.see(who, at, { type: 'sale', more: { amountMinor, currency: 'EUR' } });
}

/** By channel: conversions and what is left of their money, under the first touch. */
async function creditsOf(asOf?: number): Promise<Record<string, readonly [number, number]>> {
  const { rows } = orThrow(
    await people.hw.attribution.report({
      from: new Date(noon - dayMilliseconds),
      to: new Date(noon + 60 * dayMilliseconds),
      models: ['first_touch'],
      ...(asOf !== undefined && { asOf: new Date(asOf) }),
    }),
  );
  return Object.fromEntries(
    rows.map((row) => {
      const credit = row.credits['first_touch']!;
      return [
        row.value ?? row.kind,
        [credit.conversions, Number(credit.revenue[0]?.amountMinor ?? 0n)] as const,
      ];
    }),
  );
}

/** Moves the clock a day on; answers the moment before. */
function nextDay(): number {
  const before = context.clock.now();
  context.clock.moveBy(dayMilliseconds);
  return before;
}

describe('a report as known then', () => {
  it('has the touches of whoever had been joined, also when others were joined after them', async () => {
    await arrive('device:a', 0, 'mail');
    await arrive('user:a', 5, 'ads');
    await people.see('device:a user:a', 10, { type: 'identify' });
    await sell('device:a', 20, '1000');
    await people.see('device:b', 30, { type: 'pageview' });
    await people.see('device:b user:b', 31, { type: 'identify' });
    const period = { from: new Date(noon - dayMilliseconds), to: new Date(noon + dayMilliseconds) };
    const models = ['first_touch', 'last_touch'] as const;
    const now = orThrow(await people.hw.attribution.report({ ...period, models }));
    const asOf = new Date(nextDay());
    const then = orThrow(await people.hw.attribution.report({ ...period, models, asOf }));
    expect(then.rows).toEqual(now.rows);
    expect(
      then.rows
        .map((row) => row.value)
        .toSorted((left, right) => String(left).localeCompare(String(right))),
    ).toEqual(['ads', 'mail']);
  });

  it('has neither the touch, the sale nor the refund that was told later', async () => {
    await arrive('device:a', 10, 'mail');
    const nothing = nextDay();
    await sell('device:a', 20, '1000');
    const sold = nextDay();
    await arrive('device:a', 0, 'ads');
    const late = nextDay();
    await people.see('device:a', 30, {
      type: 'refund',
      more: { amountMinor: '400', currency: 'EUR' },
    });
    const refunded = nextDay();
    await people.see('device:a', 40, { type: 'refund' });

    expect(await creditsOf(nothing)).toEqual({});
    expect(await creditsOf(sold)).toEqual({ mail: [1, 1_000] });
    expect(await creditsOf(late)).toEqual({ ads: [1, 1_000] });
    expect(await creditsOf(refunded)).toEqual({ ads: [1, 600] });
    expect(await creditsOf()).toEqual({});
  });

  it('has people as they were joined then, through merges and an undo', async () => {
    await arrive('device:phone', 0, 'ads');
    await arrive('device:laptop', 5, 'mail');
    await people.see('user:ann device:laptop', 10);
    await sell('user:ann', 20, '1000');
    const apart = nextDay();
    const login = await people.see('user:ann device:phone', 30);
    const together = nextDay();
    const evidence = orThrow(await people.hw.visitors.evidence(login.personId!));
    const merge = evidence.merges.find(({ eventId }) => eventId === login.eventId);
    orThrow(await people.hw.visitors.undoMerge(merge!.id));
    nextDay();

    expect(await creditsOf(apart)).toEqual({ mail: [1, 1_000] });
    expect(await creditsOf(together)).toEqual({ ads: [1, 1_000] });
    expect(await creditsOf()).toEqual({ mail: [1, 1_000] });
    expect(await creditsOf(context.clock.now())).toEqual({ mail: [1, 1_000] });
  });

  it('follows a person through several merges, each at its time', async () => {
    const moments: number[] = [];
    for (const [index, channel] of ['first', 'second', 'third'].entries())
      await arrive(`device:${channel}`, index, channel);
    await people.see('user:ann device:third', 10);
    await sell('user:ann', 20, '500');
    moments.push(nextDay());
    await people.see('user:ann device:second', 30);
    moments.push(nextDay());
    await people.see('user:ann device:first', 40);
    moments.push(nextDay());
    const found = await Promise.all(moments.map((moment) => creditsOf(moment)));
    expect(found.map((credits) => Object.keys(credits))).toEqual([
      ['third'],
      ['second'],
      ['first'],
    ]);
  });

  it('counts those who did not convert as they were known', async () => {
    await arrive('device:a', 0, 'ads');
    await arrive('device:b', 1, 'ads');
    await sell('device:a', 2, '100');
    const then = nextDay();
    await arrive('device:c', 3, 'ads');
    const reports = await Promise.all(
      [new Date(then), undefined].map((asOf) =>
        people.hw.attribution.report({
          from: new Date(noon - dayMilliseconds),
          to: new Date(noon + dayMilliseconds),
          models: ['markov'],
          ...(asOf && { asOf }),
        }),
      ),
    );
    for (const report of reports)
      expect(orThrow(report).rows[0]?.credits['markov']?.removalEffect).toBe(1);
  });
});
