import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { day } from '../kernel/clock.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';

const nested = (levels: number): Record<string, unknown> => {
  let value: Record<string, unknown> = {};
  for (let level = 0; level < levels; level += 1) value = { a: value };
  return value;
};
const wide = (count: number): Record<string, unknown> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, index]));
const cyclic = (): Record<string, unknown> => {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
};

describe('an event of the library', () => {
  let hw: TestHeadwater;
  beforeAll(async () => {
    hw = await createTestHeadwater();
    await hw.visitors.resolve({ externalId: 'cust_1' });
  }, 60_000);
  afterAll(() => hw.close());

  const track = (fields: Readonly<Record<string, unknown>>) =>
    hw.events.track({ type: 'lead', externalId: 'cust_1', ...fields });

  it.each<[field: string, fields: Readonly<Record<string, unknown>>]>([
    ['properties.price', { properties: { price: 1n } }],
    ['properties.at', { properties: { at: new Date(Number.NaN) } }],
    ['properties.call', { properties: { call: () => 1 } }],
    ['properties.a', { properties: { a: 'x\0' } }],
    ['properties.a', { properties: { a: '\ud800' } }],
    ['properties', { properties: wide(51) }],
    ['properties', { properties: { long: 'x'.repeat(40_000) } }],
    ['properties', { properties: [1] }],
    ['properties', { properties: 'text' }],
    ['personMetadata.n', { personMetadata: { n: 1n } }],
    ['personMetadata', { personMetadata: { long: 'x'.repeat(20_000) } }],
    ['signals.gclid', { signals: { gclid: 1n } }],
    ['externalId', { externalId: '' }],
    ['externalId', { externalId: 'x'.repeat(256) }],
    ['externalId', { externalId: 'x\ud800' }],
    ['email', { email: 7 }],
    ['url', { url: `https://example.com/${'x'.repeat(8_192)}` }],
    ['userAgent', { userAgent: 7 }],
    ['identifiers', { identifiers: 'card' }],
    [
      'identifiers',
      { identifiers: Array.from({ length: 51 }, () => ({ kind: 'card', value: 'x' })) },
    ],
    ['identifiers[0].kind', { identifiers: [{ kind: 'DROP TABLE', value: 'x' }] }],
    ['identifiers[0].value', { identifiers: [{ kind: 'card', value: 7 }] }],
    ['identifiers[1].value', { identifiers: [{ kind: 'card', value: 'x' }, null] }],
    ['occurredAt', { occurredAt: '2026-01-01' }],
    ['occurredAt', { occurredAt: new Date(Number.NaN) }],
    ['idempotencyKey', { idempotencyKey: 7 }],
    ['currency', { currency: 840 }],
  ])('is refused by the rules of the API, and %s is named (%#)', async (field, fields) => {
    const refused = await track(fields);
    expect(refused).toMatchObject({ ok: false, code: 'validation_failed' });
    expect(Object.keys((refused as { errors: object }).errors)).toContain(field);
  });

  it.each([
    ['20,000 levels deep', () => nested(20_000)],
    ['that hold themselves', cyclic],
  ])('is refused with properties %s', async (_name, make) => {
    const refused = await track({ properties: make() });
    expect(refused).toMatchObject({ ok: false, code: 'validation_failed' });
  });

  it('keeps dates and leaves out what is undefined', async () => {
    expect(
      await track({ properties: { at: new Date(0), none: undefined, of: [undefined] } }),
    ).toMatchObject({ value: { outcome: 'accepted' } });
  });

  it('is too old before what the workspace keeps, and in the future after a day', async () => {
    const now = hw.clock.now();
    const at = (time: number) => track({ occurredAt: new Date(time) });
    expect(await at(Date.UTC(1999, 0))).toMatchObject({
      ok: false,
      code: 'too_old',
      errors: { occurredAt: [expect.any(String)] },
    });
    expect(await at(now + day + 1)).toMatchObject({
      ok: false,
      code: 'in_the_future',
      errors: { occurredAt: [expect.any(String)] },
    });
    expect(await at(now + day)).toMatchObject({ value: { outcome: 'accepted' } });
    await hw.workspaces.update({ settings: { retentionDays: 30 } });
    expect(await at(now - 31 * day)).toMatchObject({ ok: false, code: 'too_old' });
  });

  it('names every broken field where the time is only one of them', async () => {
    const refused = await track({ occurredAt: new Date(0), currency: 'XXX' });
    expect(refused).toMatchObject({ ok: false, code: 'validation_failed' });
    expect(Object.keys((refused as { errors: object }).errors).sort()).toEqual([
      'currency',
      'occurredAt',
    ]);
  });

  it('is refused the same way where somebody is identified or resolved', async () => {
    const metadata = { n: 1n };
    expect(await hw.visitors.identify({ externalId: 'cust_1', metadata })).toMatchObject({
      ok: false,
      errors: { 'metadata.n': [expect.any(String)] },
    });
    for (const input of [{ identifiers: 5 }, { anonymousId: 7 }, { externalId: 7 }]) {
      expect(await hw.visitors.resolve(input as never)).toMatchObject({
        ok: false,
        code: 'validation_failed',
      });
    }
  });
});
