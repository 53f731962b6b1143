import { describe, expect, it } from 'vitest';

import { chooseRule, fullCommission, isStillPaid, programAt } from './partner-program.ts';
import type { CommissionEvent, CommissionRule, PartnerProgram } from './partner-program.ts';
import { attributeCustomer } from './attribute-customer.ts';
import { couponRule } from './partner-source.ts';

const day = 86_400_000;

const rule = (more: Partial<CommissionRule>): CommissionRule => ({
  name: 'sales',
  trigger: 'sale',
  terms: { percent: 10 },
  group: null,
  partnerId: null,
  timesMax: null,
  months: null,
  saleMinMinor: null,
  currencies: null,
  linkIds: null,
  caps: {},
  holdDays: 0,
  ...more,
});

const sale = (more: Partial<CommissionEvent> = {}): CommissionEvent => ({
  id: 's',
  trigger: 'sale',
  occurredAt: 0,
  amountMinor: 1_000n,
  currency: 'EUR',
  removed: false,
  ...more,
});

describe('the rule of a programme', () => {
  const rules = [
    rule({ name: 'all' }),
    rule({ name: 'gold', group: 'gold' }),
    rule({ name: 'own', partnerId: 'p1', saleMinMinor: 500n }),
    rule({ name: 'leads', trigger: 'lead', terms: { amountMinor: 5n, unit: 'EUR' } }),
  ];
  const nameFor = (id: string, group: string | null, event = sale()) =>
    chooseRule({ rules }, { id, group }, event, null)?.name;

  it('is the narrowest that fits: for the partner, for their group, for everybody', () => {
    expect(nameFor('p1', 'gold')).toBe('own');
    expect(nameFor('p1', 'gold', sale({ amountMinor: 499n }))).toBe('gold');
    expect(nameFor('p2', 'gold')).toBe('gold');
    expect(nameFor('p2', null)).toBe('all');
    expect(nameFor('p2', null, sale({ trigger: 'lead' }))).toBe('leads');
    expect(nameFor('p2', null, sale({ trigger: 'click' }))).toBeUndefined();
  });

  it('may ask for a currency and for a link', () => {
    const choosy = { rules: [rule({ currencies: ['EUR'], linkIds: ['l1'] })] };
    const choose = (event: CommissionEvent, linkId: string | null) =>
      chooseRule(choosy, { id: 'p', group: null }, event, linkId)?.name;
    expect(choose(sale(), 'l1')).toBe('sales');
    expect(choose(sale({ currency: 'USD' }), 'l1')).toBeUndefined();
    expect(choose(sale(), null)).toBeUndefined();
  });

  it('comes to a share, rounded down, with its most; or to an amount of its own currency', () => {
    expect(fullCommission({ percent: 12.34 }, sale())).toEqual({ amountMinor: 123n, unit: 'EUR' });
    expect(fullCommission({ percent: 50, amountMaxMinor: 99n }, sale())).toEqual({
      amountMinor: 99n,
      unit: 'EUR',
    });
    expect(fullCommission({ amountMinor: 5n, unit: 'JPY' }, sale())).toEqual({
      amountMinor: 5n,
      unit: 'JPY',
    });
    expect(fullCommission({ percent: 10 }, sale({ amountMinor: undefined }))).toBeUndefined();
  });

  it('pays once, every time, or for some months after the first', () => {
    const first = Date.UTC(2026, 0, 31, 12);
    const earlier = { live: 1, firstAt: first };
    expect(isStillPaid({ timesMax: 1, months: null }, earlier, first + day)).toBe(false);
    expect(isStillPaid({ timesMax: null, months: null }, earlier, first + 9_999 * day)).toBe(true);
    const one = { timesMax: null, months: 1 };
    // A month after the 31st of January is the last of February.
    expect(isStillPaid(one, earlier, Date.UTC(2026, 1, 28, 11, 59))).toBe(true);
    expect(isStillPaid(one, earlier, Date.UTC(2026, 1, 28, 12))).toBe(false);
    expect(isStillPaid(one, { live: 0, firstAt: undefined }, first)).toBe(true);
  });

  it('is that of the version that counted then, and of none before the first or after the end', () => {
    const version = (number: number, from: number, archivedAt: Date | null = null) =>
      ({ version: number, effectiveFrom: new Date(from), archivedAt }) as PartnerProgram;
    const versions = [version(1, 10), version(2, 20), version(3, 30, new Date(30))];
    expect([5, 10, 19, 20, 30].map((at) => programAt(versions, at)?.version)).toEqual([
      undefined,
      1,
      1,
      2,
      undefined,
    ]);
  });
});

describe('the partner of a conversion', () => {
  const touch = (id: string, partnerId: string, at: number, more = {}) => ({
    id,
    partnerId,
    eventId: `e-${id}`,
    rule: null as string | null,
    occurredAt: at,
    ...more,
  });
  const conversion = (id: string, at: number, more = {}) => ({
    id,
    occurredAt: at,
    removed: false,
    partnerId: null as string | null,
    partnerTouchId: null as string | null,
    ...more,
  });
  const rules = {
    windowDaysOf: (id: string) => (id === 'gone' ? undefined : 90),
    isTheirs: () => true,
  };
  const partnersFor = (
    conversions: ReadonlyArray<ReturnType<typeof conversion>>,
    touches: ReadonlyArray<ReturnType<typeof touch>>,
    isTheirs: (id: string) => boolean = () => true,
  ) => {
    const found = attributeCustomer(conversions, touches, { ...rules, isTheirs });
    return conversions.map((one) => found.get(one)?.partnerId);
  };

  it('is the last before it within the window, and nobody who may not earn', () => {
    const touches = [touch('1', 'a', 0), touch('2', 'b', day), touch('3', 'gone', 2 * day)];
    expect(partnersFor([conversion('s', 3 * day)], touches)).toEqual(['b']);
    expect(partnersFor([conversion('s', 92 * day)], touches)).toEqual([undefined]);
    expect(partnersFor([conversion('s', day / 2)], touches)).toEqual(['a']);
  });

  it('is that of the coupon, whoever came last', () => {
    const coupon = touch('1', 'a', 5, { rule: couponRule, eventId: 's' });
    expect(partnersFor([conversion('s', 5)], [coupon, touch('2', 'b', 5)])).toEqual(['a']);
  });

  it('stays with who brought the customer, and with who was settled', () => {
    const touches = [touch('1', 'a', 0), touch('2', 'b', 2 * day)];
    const later = [conversion('s1', day), conversion('s2', 300 * day)];
    expect(partnersFor(later, touches)).toEqual(['a', 'a']);
    const settled = conversion('s', 3 * day, { partnerId: 'x', partnerTouchId: '9' });
    expect(partnersFor([settled], touches)).toEqual(['x']);
    // What an undo has taken away binds nobody.
    expect(partnersFor([settled, conversion('s2', 4 * day)], touches, (id) => id !== '9')).toEqual([
      'x',
      'b',
    ]);
  });
});
