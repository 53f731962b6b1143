import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { orThrow } from '../kernel/result.ts';
import type { ModelChoice } from './chosen-model.ts';
import type { AttributionReport, AttributionReportInput } from './report-attribution.ts';

const day = 24 * 60;

let context: TestContext;
let people: People;
beforeAll(async () => {
  context = await openTestContext('pglite');
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  people = await openNewPeople(context);
});

const sources = {
  ads: { kind: 'campaign', source: 'google', medium: 'cpc', channel: 'Paid Search' },
  mail: { kind: 'campaign', source: 'news', medium: 'email', channel: 'Email' },
  blog: { kind: 'referrer', source: 'blog.test', medium: 'referral', channel: 'Referral' },
  social: { kind: 'referrer', source: 'x', medium: 'social', channel: 'Organic Social' },
  direct: { kind: 'direct', source: '(direct)', channel: 'Direct' },
} as const;

function arrive(who: string, at: number, by: keyof typeof sources): Promise<unknown> {
  const source = { ...sources[by], confidence: 'certain', rule: 'test' } as const;
  return people.see(who, at, { type: 'pageview', more: { arrival: { source } } });
}

function buy(who: string, at: number, amountMinor: string, currency = 'EUR'): Promise<unknown> {
  return people.see(who, at, { type: 'sale', more: { amountMinor, currency } });
}

const november = {
  from: new Date(noon - 60 * day * 60_000),
  to: new Date(noon + 60 * day * 60_000),
};

async function report(input: AttributionReportInput = {}): Promise<AttributionReport> {
  return orThrow(await people.hw.attribution.report({ ...november, ...input }));
}

/** By value: conversions and euros of each model. */
async function creditsOf(
  models: readonly ModelChoice[],
  input: AttributionReportInput = {},
): Promise<Record<string, ReadonlyArray<readonly [number, number]>>> {
  const { rows } = await report({ models, ...input });
  return Object.fromEntries(
    rows.map((row) => [
      row.value ?? row.kind,
      Object.values(row.credits).map(
        ({ conversions, revenue }) => [conversions, Number(revenue[0]?.amountMinor ?? 0n)] as const,
      ),
    ]),
  );
}

describe('a report under each model', () => {
  // Ann: ads, blog (3 days later), mail (4 days later), direct, sale of 100.01 seven days after the mail.
  // Ben: social, sale of 50. Cid: direct only, sale of 20. Dan: bought and never arrived, 30.
  beforeEach(async () => {
    await arrive('user:ann device:a', 0, 'ads');
    await arrive('user:ann device:a', 3 * day, 'blog');
    await people.see('user:ann device:a', 3 * day + 1, { type: 'lead' });
    await arrive('user:ann device:a', 7 * day, 'mail');
    await arrive('user:ann device:a', 14 * day, 'direct');
    await buy('user:ann', 14 * day, '10001');
    await arrive('user:ben device:b', 0, 'social');
    await buy('user:ben', 10, '5000');
    await arrive('user:cid device:c', 0, 'direct');
    await buy('user:cid', 10, '2000');
    await buy('user:dan', 10, '3000');
  });

  it('gives all to one touch where the model says so', async () => {
    const models = ['first_touch', 'last_touch', 'last_non_direct', 'last_paid'] as const;
    expect(await creditsOf(models)).toEqual({
      'Paid Search': [
        [1, 10_001],
        [0, 0],
        [0, 0],
        [1, 10_001],
      ],
      Email: [
        [0, 0],
        [0, 0],
        [1, 10_001],
        [0, 0],
      ],
      Direct: [
        [1, 2_000],
        [2, 12_001],
        [1, 2_000],
        [1, 2_000],
      ],
      'Organic Social': [
        [1, 5_000],
        [1, 5_000],
        [1, 5_000],
        [1, 5_000],
      ],
      unattributed: [
        [1, 3_000],
        [1, 3_000],
        [1, 3_000],
        [1, 3_000],
      ],
    });
  });

  it('shares by a rule, to the cent', async () => {
    const models = ['linear', 'position_based', 'j_shaped', 'inverse_j', 'w_shaped'] as const;
    const found = await creditsOf(models);
    // 100.01 in parts: the cent that rounding leaves goes to the earliest of those that lost most by it.
    expect(found['Paid Search']).toEqual([
      [0.25, 2_501],
      [0.4, 4_001],
      [0.2, 2_000],
      [0.6, 6_001],
      [0.3, 3_001],
    ]);
    // The lead came after the blog: 30 of W, the rest of 10 goes to the mail alone.
    expect(found['Referral']).toEqual([
      [0.25, 2_500],
      [0.1, 1_000],
      [0.1, 1_000],
      [0.1, 1_000],
      [0.3, 3_000],
    ]);
    expect(found['Email']?.[4]).toEqual([0.1, 1_000]);
    expect(found['Direct']).toEqual([
      [1.25, 4_500],
      [1.4, 6_000],
      [1.6, 8_001],
      [1.2, 4_000],
      [1.3, 5_000],
    ]);
  });

  it('halves by the half-life, and takes weights of the asker', async () => {
    const found = await creditsOf([
      'time_decay',
      { model: 'custom', first: 1, middle: 0, last: 3 },
    ]);
    // 14, 11, 7 and 0 days before: weights 2^-2, 2^(-11/7), 2^-1, 1.
    const weights = [1 / 4, 2 ** (-11 / 7), 1 / 2, 1];
    const sum = weights.reduce((total, weight) => total + weight, 0);
    for (const [index, channel] of ['Paid Search', 'Referral', 'Email'].entries())
      expect(found[channel]?.[0]?.[0]).toBeCloseTo((weights[index] ?? 0) / sum, 9);
    expect(found['Paid Search']?.[1]).toEqual([0.25, 2_500]);
    expect(found['Direct']?.[1]).toEqual([1.75, 9_501]);
  });

  it('gives every channel of a path all of it under participation', async () => {
    const { rows, models } = await report({ models: ['participation', 'linear'] });
    expect(models.map(({ additive }) => additive)).toEqual([false, true]);
    const direct = rows.find(({ value }) => value === 'Direct');
    expect(direct?.credits['participation']).toMatchObject({
      conversions: 2,
      revenue: [{ currency: 'EUR', amountMinor: 12_001n }],
    });
    // The range across models leaves out what does not add up.
    expect(direct?.range).toEqual({
      conversions: { min: 1.25, max: 1.25 },
      revenue: [{ currency: 'EUR', minAmountMinor: 4_500n, maxAmountMinor: 4_500n }],
    });
  });

  it('has every row with every model, and rows that add up to the total', async () => {
    const additive = [
      'first_touch',
      'last_touch',
      'last_non_direct',
      'last_paid',
      'linear',
      'time_decay',
      'position_based',
      'w_shaped',
      'markov',
      'shapley',
    ] as const;
    const { rows, totals } = await report({ models: additive });
    expect(totals).toEqual({
      conversions: 4,
      revenue: [{ currency: 'EUR', amountMinor: 20_001n }],
    });
    for (const model of additive) {
      const credits = rows.map((row) => row.credits[model]!);
      expect(credits.reduce((sum, { conversions }) => sum + conversions, 0)).toBeCloseTo(4, 6);
      expect(credits.reduce((sum, { revenue }) => sum + (revenue[0]?.amountMinor ?? 0n), 0n)).toBe(
        20_001n,
      );
    }
  });

  it('says between which numbers a channel lies, whatever of the models one believes', async () => {
    const { rows } = await report({ models: ['first_touch', 'last_touch', 'linear'] });
    expect(rows.find(({ value }) => value === 'Direct')?.range).toEqual({
      conversions: { min: 1, max: 2 },
      revenue: [{ currency: 'EUR', minAmountMinor: 2_000n, maxAmountMinor: 12_001n }],
    });
  });
});

describe('Markov and Shapley', () => {
  // The example of reference §3.6: google converts twice and is in vain once, mailing once, google then mailing once.
  beforeEach(async () => {
    for (const who of ['a', 'b']) {
      await arrive(`user:${who}`, 0, 'ads');
      await buy(`user:${who}`, 1, '1000');
    }
    await arrive('user:c', 0, 'ads');
    await arrive('user:d', 0, 'mail');
    await buy('user:d', 1, '1000');
    await arrive('user:e', 0, 'ads');
    await arrive('user:e', day, 'mail');
    await buy('user:e', day + 1, '1000');
  });

  it('counts those who came and did not convert', async () => {
    const { rows } = await report({ models: ['markov', { model: 'shapley', worth: 'rate' }] });
    const ads = rows.find(({ value }) => value === 'Paid Search')?.credits;
    const mail = rows.find(({ value }) => value === 'Email')?.credits;
    expect(ads?.['markov']).toMatchObject({
      conversions: 2.4,
      removalEffect: 0.75,
      revenue: [{ currency: 'EUR', amountMinor: 2_400n }],
    });
    expect(mail?.['markov']).toMatchObject({ conversions: 1.6, removalEffect: 0.5 });
    // Rates: google 2/3, mailing 1, both 4/5; google gets (2/3 + 4/5 - 1)/2, times 5 people.
    expect(ads?.['shapley(worth=rate)']?.conversions).toBeCloseTo(((2 / 3 - 1 / 5) / 2) * 5, 8);
  });
});

describe('a report', () => {
  it('looks back as far as it is told, and what lies just as far is too far', async () => {
    await arrive('user:ann', 0, 'ads');
    await arrive('user:ann', 6 * day, 'mail');
    await buy('user:ann', 10 * day, '1000');
    const first = ['first_touch'] as const;
    expect(Object.keys(await creditsOf(first))).toEqual(['Paid Search']);
    expect(Object.keys(await creditsOf(first, { clickLookbackDays: 10 }))).toEqual(['Email']);
    expect(Object.keys(await creditsOf(first, { clickLookbackDays: 4 }))).toEqual(['unattributed']);
  });

  it('counts by any dimension, and what is not known as that', async () => {
    await arrive('user:ann', 0, 'ads');
    await arrive('user:ann', day, 'direct');
    await buy('user:ann', 2 * day, '1000');
    const linear = ['linear'] as const;
    expect(await creditsOf(linear, { dimension: 'medium' })).toEqual({
      cpc: [[0.5, 500]],
      not_set: [[0.5, 500]],
    });
    for (const dimension of [
      'link',
      'partner',
      'invitation',
      'country',
      'language',
      'term',
    ] as const)
      expect(await creditsOf(linear, { dimension })).toEqual({ not_set: [[1, 1_000]] });
  });

  it('keeps what filters leave out as a row, so that rows still add up', async () => {
    await arrive('user:ann', 0, 'ads');
    await arrive('user:ann', day, 'mail');
    await buy('user:ann', 2 * day, '1001');
    expect(
      await creditsOf(['linear', 'markov'], {
        dimension: 'source',
        filters: [{ dimension: 'channel', values: ['Email'] }],
      }),
    ).toEqual({
      news: [
        [0.5, 500],
        [0.5, 500],
      ],
      filtered: [
        [0.5, 501],
        [0.5, 501],
      ],
    });
    expect(
      await creditsOf(['linear'], {
        filters: [{ dimension: 'channel', values: ['Email', null], exclude: true }],
      }),
    ).toEqual({ 'Paid Search': [[0.5, 501]], filtered: [[0.5, 500]] });
  });

  it('keeps currencies apart', async () => {
    await arrive('user:ann', 0, 'ads');
    await buy('user:ann', 1, '1000', 'EUR');
    await buy('user:ann', 2, '700', 'JPY');
    const { rows } = await report({ models: ['first_touch', 'markov'] });
    for (const model of ['first_touch', 'markov'])
      expect(rows[0]?.credits[model]?.revenue).toEqual([
        { currency: 'EUR', amountMinor: 1_000n },
        { currency: 'JPY', amountMinor: 700n },
      ]);
  });

  it('never credits a touch after the conversion', async () => {
    await arrive('user:ann', 0, 'ads');
    await buy('user:ann', 10, '1000');
    await arrive('user:ann', 100, 'mail');
    expect(await creditsOf(['last_touch'])).toEqual({ 'Paid Search': [[1, 1_000]] });
  });

  it('puts the period before beside each number', async () => {
    await arrive('user:ann', 0, 'ads');
    await buy('user:ann', 1, '1000');
    await buy('user:ann', 3 * day, '3000');
    const at = (days: number): Date => new Date(noon + days * day * 60_000);
    const { rows, previousTotals } = await report({
      from: at(2),
      to: at(5),
      compare: 'previous',
    });
    expect(previousTotals?.conversions).toBe(1);
    expect(rows[0]).toMatchObject({
      credits: { last_non_direct: { revenue: [{ amountMinor: 3_000n }] } },
      previous: { last_non_direct: { revenue: [{ amountMinor: 1_000n }] } },
    });
  });

  it('sorts and pages', async () => {
    for (const [index, by] of (['ads', 'mail', 'mail', 'blog'] as const).entries()) {
      await arrive(`user:p${index}`, 0, by);
      await buy(`user:p${index}`, 1, by === 'blog' ? '9000' : '1000');
    }
    const values = async (input: AttributionReportInput): Promise<unknown[]> =>
      (await report(input)).rows.map(({ value }) => value);
    expect(await values({})).toEqual(['Email', 'Paid Search', 'Referral']);
    expect(await values({ sort: { by: 'value', order: 'desc' } })).toEqual([
      'Referral',
      'Paid Search',
      'Email',
    ]);
    expect(await values({ limit: 1, offset: 1 })).toEqual(['Paid Search']);
    expect((await report({ limit: 1 })).rowCount).toBe(3);
  });

  it('counts repeated conversions as the goal says', async () => {
    await arrive('user:ann', 0, 'ads');
    await buy('user:ann', 1, '100');
    await arrive('user:ann', 5 * day, 'mail');
    await buy('user:ann', 6 * day, '200');
    await buy('user:ann', 30 * day + 1, '400');
    const rules = (sale: object): AttributionReportInput => ({ rules: { sale } });
    const last = ['first_touch'] as const;
    expect(await creditsOf(last)).toEqual({ 'Paid Search': [[3, 700]] });
    expect(await creditsOf(last, rules({ count: 'first' }))).toEqual({ 'Paid Search': [[1, 100]] });
    expect(await creditsOf(last, rules({ count: 'once_per_window' }))).toEqual({
      'Paid Search': [[2, 500]],
    });
    expect(await creditsOf(last, rules({ touches: 'since_last' }))).toEqual({
      'Paid Search': [[1, 100]],
      Email: [[1, 200]],
      unattributed: [[1, 400]],
    });
  });

  it('refuses what it cannot answer, by field', async () => {
    const errorsOf = async (input: object): Promise<string[]> => {
      const refused = await people.hw.attribution.report(input);
      return refused.ok ? [] : Object.keys(refused.errors ?? {});
    };
    expect(await errorsOf({ dimension: 'shoe_size' })).toEqual(['dimension']);
    expect(await errorsOf({ models: ['best'] })).toEqual(['models[0]']);
    expect(await errorsOf({ models: [{ model: 'time_decay', halfLifeDays: 0 }] })).toEqual([
      'models[0].half_life_days',
    ]);
    expect(await errorsOf({ from: '2026-02-31' })).toEqual(['from']);
    expect(await errorsOf({ from: '2026-03-01', to: '2026-02-01' })).toEqual(['from']);
    expect(await errorsOf({ timezone: 'Mars/Olympus' })).toEqual(['timezone']);
    expect(await errorsOf({ clickLookbackDays: -1 })).toEqual(['clickLookbackDays']);
    expect(await errorsOf({ rules: { sale: { count: 'twice' } } })).toEqual(['rules.sale.count']);
    expect(await errorsOf({ goals: ['smile'] })).toEqual(['goals']);
    expect(await errorsOf({ limit: 0 })).toEqual(['limit']);
    expect(await errorsOf({ filters: [{ dimension: 'channel', values: [] }] })).toEqual([
      'filters[0].values',
    ]);
  });
});
