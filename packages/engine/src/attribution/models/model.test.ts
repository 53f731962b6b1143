import { describe, expect, it } from 'vitest';

import { modelNames, models, parseModel } from './model.ts';

function errorsOf(name: string, parameters: Record<string, unknown>): unknown {
  const parsed = parseModel(name, parameters);
  return parsed.ok ? undefined : parsed.errors;
}

describe('models', () => {
  it('has every model under a name', () => {
    expect(modelNames).toEqual([
      'first_touch',
      'last_touch',
      'last_non_direct',
      'last_paid',
      'linear',
      'time_decay',
      'position_based',
      'j_shaped',
      'inverse_j',
      'w_shaped',
      'custom',
      'participation',
      'markov',
      'shapley',
    ]);
  });

  it.each(modelNames)('describes %s, whose defaults keep its own rules', (name) => {
    const { description, parameters, credits } = models[name];
    expect(description).not.toBe('');
    const defaults = Object.fromEntries(
      Object.entries(parameters).map(([each, parameter]) => [each, parameter.default]),
    );
    const parsed = parseModel(name);
    expect(parsed).toMatchObject({ ok: true, value: { name, credits, parameters: defaults } });
  });
});

describe('parseModel', () => {
  it('takes numbers and their decimal text', () => {
    for (const halfLifeDays of [3.5, '3.5']) {
      expect(parseModel('time_decay', { halfLifeDays })).toMatchObject({
        ok: true,
        value: { parameters: { halfLifeDays: 3.5, decay: 'continuous' } },
      });
    }
  });

  it('refuses a model that it does not know', () => {
    for (const name of ['best', '', 'toString', '__proto__']) {
      expect(parseModel(name)).toMatchObject({
        ok: false,
        code: 'validation_failed',
        errors: { model: [expect.stringContaining('must be one of first_touch, ')] },
      });
    }
  });

  it.each<[name: string, parameters: Record<string, unknown>, errors: object]>([
    ['time_decay', { halfLifeDays: 0 }, { halfLifeDays: ['must be a number from 0.01 to 3650'] }],
    [
      'time_decay',
      { halfLifeDays: 'week', decay: 'fast' },
      {
        halfLifeDays: ['must be a number from 0.01 to 3650'],
        decay: ['must be one of continuous, stepped'],
      },
    ],
    ['time_decay', { halfLifeDays: NaN }, { halfLifeDays: ['must be a number from 0.01 to 3650'] }],
    ['markov', { order: 5 }, { order: ['must be a whole number from 1 to 4'] }],
    ['markov', { order: 1.5 }, { order: ['must be a whole number from 1 to 4'] }],
    ['linear', { order: 1 }, { order: ['is not a parameter: this model has none'] }],
    [
      'markov',
      { orders: 1 },
      { orders: ['is not a parameter of this model, which has order, weighting'] },
    ],
    [
      'custom',
      { first: 0, middle: '0', last: 0 },
      { first: ['must be above 0 where first, lead, middle, last all are 0'] },
    ],
  ])('refuses %s with %j', (name, parameters, errors) => {
    expect(errorsOf(name, parameters)).toEqual(errors);
  });
});
