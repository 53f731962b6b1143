import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { createApp } from '../http/app.ts';

const day = 24 * 60;
const period = 'from=2026-11-01&to=2026-12-31';

interface Report {
  readonly totals: { readonly conversions: number };
  readonly rows: ReadonlyArray<{
    readonly kind: string;
    readonly value: string | null;
    readonly credits: Readonly<
      Record<string, { conversions: number; revenue: Array<{ currency: string; amount: number }> }>
    >;
  }>;
}

let context: TestContext;
let people: People;
let api: Api & { readonly key: string };
let saleId: string;
beforeAll(async () => {
  context = await openTestContext('pglite');
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  people = await openNewPeople(context);
  api = await openApi(context, people.workspace);
  // Ann: a paid click, a week later a mail, two days later direct, and a sale of 90.00; 30.00 of it went back.
  await arrive('device:a', 0, 'campaign', 'Paid Search');
  await arrive('device:a', 7 * day, 'campaign', 'Email');
  await arrive('user:ann device:a', 9 * day, 'direct', 'Direct');
  const more = { amountMinor: '9000', currency: 'USD' };
  ({ eventId: saleId } = await people.see('user:ann', 9 * day + 5, { type: 'sale', more }));
  await people.see('user:ann', 12 * day, {
    type: 'refund',
    more: { amountMinor: '3000', currency: 'USD' },
  });
  await people.see('user:bob', 0, { type: 'sale', more: { amountMinor: '500', currency: 'USD' } });
});

function arrive(who: string, at: number, kind: 'campaign' | 'direct', channel: string) {
  const source = { confidence: 'certain', rule: 'test', kind, source: 's', channel } as const;
  return people.see(who, at, { type: 'pageview', more: { arrival: { source } } });
}

async function fetchText(path: string): Promise<{ type: string | null; text: string }> {
  const response = await createApp(context).request(`http://api.test/hw/api${path}`, {
    headers: { authorization: `Bearer ${api.key}` },
  });
  return { type: response.headers.get('content-type'), text: await response.text() };
}

describe('GET /attribution/report', () => {
  // What is left of the sale is 60.00. Touches 9 days, 2 days and 0 days before it (and five minutes).
  const decay = [9, 2, 0].map((days) => 2 ** -((days * day + 5) / (7 * day)));
  const sum = decay.reduce((total, weight) => total + weight, 0);
  it.each([
    ['first_touch', [1, 0, 0], [6_000, 0, 0]],
    ['last_touch', [0, 0, 1], [0, 0, 6_000]],
    ['last_non_direct', [0, 1, 0], [0, 6_000, 0]],
    ['last_paid', [1, 0, 0], [6_000, 0, 0]],
    ['linear', [1 / 3, 1 / 3, 1 / 3], [2_000, 2_000, 2_000]],
    ['time_decay', decay.map((weight) => weight / sum), [1_103, 2_207, 2_690]],
    ['position_based', [0.4, 0.2, 0.4], [2_400, 1_200, 2_400]],
    ['j_shaped', [0.2, 0.2, 0.6], [1_200, 1_200, 3_600]],
    ['inverse_j', [0.6, 0.2, 0.2], [3_600, 1_200, 1_200]],
    // Nobody became a lead: the part of the lead goes to the others.
    ['w_shaped', [3 / 7, 1 / 7, 3 / 7], [2_571, 857, 2_572]],
    ['custom(first=1;lead=0;middle=1;last=0)', [0.5, 0.5, 0], [3_000, 3_000, 0]],
    ['participation', [1, 1, 1], [6_000, 6_000, 6_000]],
    ['markov', [1 / 3, 1 / 3, 1 / 3], [2_000, 2_000, 2_000]],
    ['markov(order=2)', [1 / 3, 1 / 3, 1 / 3], [2_000, 2_000, 2_000]],
    ['shapley', [1 / 3, 1 / 3, 1 / 3], [2_000, 2_000, 2_000]],
  ])('gives the numbers of %s', async (model, conversions, amounts) => {
    const { status, body } = await api<Report>(
      'GET',
      `/attribution/report?${period}&models=${encodeURIComponent(model)}`,
    );
    expect({ status, total: body.totals.conversions }).toEqual({ status: 200, total: 2 });
    const credits = ['Paid Search', 'Email', 'Direct'].map(
      (channel) =>
        body.rows.find(({ value }) => value === channel)?.credits[model] ?? {
          conversions: 0,
          revenue: [],
        },
    );
    for (const [index, credit] of credits.entries())
      expect(credit.conversions).toBeCloseTo(conversions[index] ?? 0, 6);
    const earned = credits.map(({ revenue }) => revenue[0]?.amount ?? 0);
    for (const [index, amount] of earned.entries())
      expect(Math.abs(amount - (amounts[index] ?? 0))).toBeLessThanOrEqual(1);
    if (model !== 'participation')
      expect(earned.reduce((total, amount) => total + amount, 0)).toBe(6_000);
    const nobody = body.rows.find(({ kind }) => kind === 'unattributed');
    expect(nobody?.credits[model]).toMatchObject({ conversions: 1, revenue: [{ amount: 500 }] });
  });

  it.each([
    ['dimension=shoe_size', 'dimension'],
    ['models=best', 'models'],
    ['models=time_decay(half_life_days=0)', 'models[0].half_life_days'],
    ['models=custom(first=0;lead=0;middle=0;last=0)', 'models[0].first'],
    ['models=markov(order=9)', 'models[0].order'],
    ['from=yesterday', 'from'],
    ['from=2026-02-30', 'from'],
    ['from=2026-03-01&to=2026-02-01', 'from'],
    ['timezone=Mars', 'timezone'],
    ['click_lookback_days=9999', 'click_lookback_days'],
    ['goals=smile', 'goals'],
    ['filters=channel', 'filters'],
    ['filters=[{"dimension":"shoe","values":["x"]}]', 'filters[0].dimension'],
    ['rules={"sale":{"count":"twice"}}', 'rules.sale.count'],
    ['as_of=then', 'as_of'],
    ['sort_model=linear', 'sort_model'],
    ['limit=0', 'limit'],
    ['unknown=1', 'unknown'],
  ])('refuses %s', async (query, field) => {
    const { status, body } = await api('GET', `/attribution/report?${encodeURI(query)}`);
    expect({ status, errors: Object.keys(body['errors'] as object) }).toEqual({
      status: 422,
      errors: [field],
    });
  });

  it('is a table as CSV, with a column for each model and currency', async () => {
    const query = `${period}&models=first_touch,linear&sort=value`;
    const { type, text } = await fetchText(`/attribution/report?${query}&format=csv`);
    expect(type).toBe('text/csv; charset=utf-8');
    expect(parse(text, { columns: true })).toEqual([
      row('unattributed', '', '1', '500', '1', '500'),
      row('value', 'Direct', '0', '0', '0.333333333', '2000'),
      row('value', 'Email', '0', '0', '0.333333333', '2000'),
      row('value', 'Paid Search', '1', '6000', '0.333333333', '2000'),
    ]);
    const lines = (await fetchText(`/attribution/report?${query}&format=ndjson`)).text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { value: string | null });
    expect(lines.map(({ value }) => value)).toEqual([null, 'Direct', 'Email', 'Paid Search']);
  });

  function row(...cells: readonly string[]): Record<string, string> {
    const [kind, value, first, firstUsd, linear, linearUsd] = cells as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    return {
      kind,
      value,
      label: '',
      'first_touch conversions': first,
      'first_touch USD': firstUsd,
      'linear conversions': linear,
      'linear USD': linearUsd,
    };
  }
});

describe('GET /attribution/credits', () => {
  it('has a row for each touch and each refund, which add up to what is left', async () => {
    const { text } = await fetchText(`/attribution/credits?${period}&models=linear`);
    const rows = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows.map(({ entry, value, amount }) => [entry, value, amount])).toEqual([
      ['conversion', null, 500],
      ['conversion', 'Paid Search', 3_000],
      ['conversion', 'Email', 3_000],
      ['conversion', 'Direct', 3_000],
      ['refund', 'Paid Search', -1_000],
      ['refund', 'Email', -1_000],
      ['refund', 'Direct', -1_000],
    ]);
    expect(new Set(rows.map((row) => row['occurred_at'])).size).toBe(3);
    const csv = await fetchText(`/attribution/credits?${period}&format=csv`);
    expect(parse(csv.text, { columns: true })).toHaveLength(3);
  });
});

describe('GET /attribution/paths', () => {
  it('is every path as CSV and NDJSON, each in one cell', async () => {
    const { text } = await fetchText(`/attribution/paths/export?${period}&format=csv`);
    expect(parse(text, { columns: true })).toEqual([
      { path: '', touches: '0', conversions: '1', USD: '500', average_days: '' },
      {
        path: 'Paid Search > Email > Direct',
        touches: '3',
        conversions: '1',
        USD: '6000',
        average_days: expect.stringMatching(/^9\.003/),
      },
    ]);
    const lines = (
      await fetchText(`/attribution/paths/export?${period}&format=ndjson`)
    ).text.trim();
    expect(lines.split('\n')).toHaveLength(2);
  });

  it('has the ways, their lengths and the time they took', async () => {
    const { body } = await api('GET', `/attribution/paths?${period}`);
    expect(body).toMatchObject({
      path_count: 2,
      totals: { conversions: 2, revenue: [{ currency: 'USD', amount: 6_500 }] },
      lengths: [
        { touches: 0, conversions: 1 },
        { touches: 3, conversions: 1, revenue: [{ amount: 6_000 }] },
      ],
      time_to_convert: { median_days: 9.003, average_days: 9.003 },
    });
    const paths = body['paths'] as Array<{ steps: Array<{ value: string }> }>;
    expect(paths.map(({ steps }) => steps.map(({ value }) => value))).toEqual([
      [],
      ['Paid Search', 'Email', 'Direct'],
    ]);
    const { buckets } = body['time_to_convert'] as {
      buckets: Array<{ from_days: number; conversions: number }>;
    };
    expect(buckets.filter(({ conversions }) => conversions > 0)).toMatchObject([
      { from_days: 8, to_days: 15, conversions: 1 },
    ]);
  });
});

describe('GET /attribution/visitors/{id}', () => {
  it("has each conversion of a person with its touches' credit", async () => {
    const ann = await people.find('user:ann');
    const { body } = await api(
      'GET',
      `/attribution/visitors/${ann!.visitorId}?models=linear,last_paid`,
    );
    expect(body).toMatchObject({
      person_id: ann!.rootId,
      conversions: [
        {
          conversion: { id: saleId, amount: 9_000, net_amount: 6_000 },
          touches: [
            { touch: { channel: 'Paid Search' }, credits: { last_paid: { amount: 6_000 } } },
            { touch: { channel: 'Email' }, credits: { linear: { amount: 2_000 } } },
            { touch: { channel: 'Direct' } },
          ],
        },
      ],
    });
    expect((await api('GET', `/attribution/visitors/${saleId}`)).status).toBe(404);
    expect(
      (await api('GET', `/attribution/visitors/${ann!.visitorId}?models=markov`)).body,
    ).toMatchObject({ code: 'validation_failed', errors: { models: [expect.any(String)] } });
  });
});

describe('GET /attribution/conversions/{id}/explain', () => {
  it('names the candidates, the winner, and why each of the others lost', async () => {
    await arrive('device:a', 20 * day, 'campaign', 'Display');
    const { body } = await api(
      'GET',
      `/attribution/conversions/${saleId}/explain?models=last_non_direct,last_paid&click_lookback_days=5`,
    );
    expect(body).toMatchObject({
      conversion: { id: saleId, goal: 'sale', net_amount: 6_000, reversals: [{ amount: -3_000 }] },
      counts: true,
      candidates: [
        { channel: 'Paid Search', verdict: 'outside_click_window', paid: true },
        { channel: 'Email', verdict: 'eligible' },
        { channel: 'Direct', verdict: 'eligible' },
        { channel: 'Display', verdict: 'after_conversion' },
      ],
      models: [
        {
          model: 'last_non_direct',
          credits: [
            { weight: 1, amount: 6_000, reason: 'it is the last touch that is not direct' },
            { weight: 0, amount: 0, reason: 'it is direct, and another touch is not' },
          ],
        },
        {
          model: 'last_paid',
          credits: [
            { reason: 'no touch was paid for: it is the last touch that is not direct' },
            { reason: 'no touch was paid for: it is direct, and another touch is not' },
          ],
        },
      ],
      evidence: { identifiers: [{ kind: 'visitor' }, { kind: 'external_id', value: 'ann' }] },
    });
    expect(body['models']).toMatchObject([
      { winner_id: (body['candidates'] as Array<{ id: string }>)[1]!.id },
      {},
    ]);
  });

  it('knows nothing of what is no conversion of the workspace', async () => {
    const other = await openNewPeople(context);
    const foreign = await openApi(context, other.workspace);
    const { status, body } = await foreign('GET', `/attribution/conversions/${saleId}/explain`);
    expect({ status, code: body['code'] }).toEqual({ status: 404, code: 'conversion_not_found' });
  });
});

it('GET /attribution/models names every model with its parameters', async () => {
  const { body } = await api<Array<{ name: string }>>('GET', '/attribution/models');
  expect(body.map(({ name }) => name)).toContain('w_shaped');
  expect(body.find(({ name }) => name === 'time_decay')).toMatchObject({
    credits: 'touches',
    parameters: { half_life_days: { type: 'number', default: 7 } },
  });
});

it('settings of a workspace hold for its reports', async () => {
  const { status } = await api('PATCH', '/workspace', {
    settings: { attribution: { click_lookback_days: 1, goals: { sale: { count: 'first' } } } },
  });
  expect(status).toBe(200);
  const { body } = await api<Report>(
    'GET',
    `/attribution/report?${period}&models=first_touch&sort=value`,
  );
  expect(body.rows.map(({ value }) => value)).toEqual([null, 'Direct']);
});
