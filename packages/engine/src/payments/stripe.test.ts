import { createHmac } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { stripe } from './stripe.ts';

const now = Date.UTC(2026, 10, 21, 9);
const secret = 'whsec_test_secret';
const sign = (text: string, at = now, key = secret): string => {
  const time = Math.floor(at / 1_000);
  return `t=${time},v1=${createHmac('sha256', key).update(`${time}.${text}`).digest('hex')}`;
};
const check = (signature: string | undefined, text = '{}', secrets = [secret]) =>
  stripe.isSigned({ headers: { 'stripe-signature': signature }, text }, secrets, now);

const event = (type: string, object: object, more: object = {}) => ({
  id: 'evt_1',
  object: 'event',
  type,
  created: now / 1_000,
  livemode: true,
  data: { object, ...more },
});
const factOf = (type: string, object: object, more?: object) =>
  stripe.read(event(type, object, more))?.fact;

describe("Stripe's signature", () => {
  it('is taken from any of the secrets', () => {
    expect(check(sign('{}'), '{}', ['another', secret])).toBe(true);
    expect(check(`${sign('{}')},v0=abc`)).toBe(true);
  });

  it.each([
    ['of another body', sign('{"a":1}')],
    ['with another secret', sign('{}', now, 'another')],
    ['from long ago', sign('{}', now - 301_000)],
    ['from the future', sign('{}', now + 301_000)],
    ['without a time', sign('{}').replace(/t=\d+,/, '')],
    ['without a signature', `t=${now / 1_000}`],
    ['that is no hex', `t=${now / 1_000},v1=zz`],
    ['that is not there', undefined],
  ])('is refused %s', (_, signature) => {
    expect(check(signature)).toBe(false);
  });
});

describe('what Stripe tells', () => {
  it('is a payment with its names, its payer and its amount', () => {
    expect(
      factOf('checkout.session.completed', {
        id: 'cs_1',
        payment_status: 'paid',
        amount_total: 4900,
        currency: 'eur',
        payment_intent: 'pi_1',
        invoice: null,
        customer: 'cus_1',
        client_reference_id: 'user-7',
        customer_details: { email: 'ann@example.com' },
        metadata: { hw_click: '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0' },
      }),
    ).toEqual({
      kind: 'payment',
      references: ['pi_1', 'cs_1'],
      occurredAt: now + 999,
      amountMinor: '4900',
      currency: 'EUR',
      payer: {
        claimed: { externalId: 'user-7' },
        email: 'ann@example.com',
        clickId: '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0',
        identifiers: [{ kind: 'stripe_customer', value: 'cus_1' }],
      },
      properties: { checkout_session: 'cs_1' },
    });
  });

  it('names a visitor or a click where client_reference_id says so', () => {
    const id = '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0';
    const payer = (reference: string) => {
      const fact = factOf('checkout.session.completed', {
        id: 'cs_1',
        payment_status: 'paid',
        amount_total: 1,
        currency: 'eur',
        client_reference_id: reference,
      });
      return fact?.kind === 'payment' ? fact.payer.claimed : undefined;
    };
    expect(payer(`hw_visitor_${id}`)).toEqual({ visitorId: id });
    expect(payer(`hw_click_${id}`)).toEqual({ clickId: id });
    expect(payer('42')).toEqual({ externalId: '42' });
  });

  it.each([
    ['JPY', 500, '500'],
    ['KWD', 12_340, '12340'],
    ['ISK', 50_000, '500'],
    ['UGX', 50_000, '500'],
    ['MGA', 500, '50000'],
  ])('has amounts of %s in the minor units of ISO 4217', (currency, amount, amountMinor) => {
    expect(
      factOf('invoice.paid', { id: 'in_1', amount_paid: amount, currency: currency.toLowerCase() }),
    ).toMatchObject({ amountMinor, currency });
  });

  it('is a payment of last resort where only its intent tells of it', () => {
    const intent = {
      id: 'pi_1',
      amount: 5_000,
      amount_received: 4_900,
      currency: 'eur',
      customer: 'cus_1',
      latest_charge: 'ch_1',
      receipt_email: 'ann@example.com',
      metadata: { headwater_external_id: 'user-7' },
    };
    expect(factOf('payment_intent.succeeded', intent)).toEqual({
      kind: 'payment',
      isLastResort: true,
      references: ['pi_1', 'ch_1'],
      occurredAt: now + 999,
      amountMinor: '4900',
      currency: 'EUR',
      payer: {
        externalId: 'user-7',
        email: 'ann@example.com',
        identifiers: [{ kind: 'stripe_customer', value: 'cus_1' }],
      },
      properties: { payment_intent: 'pi_1' },
    });
  });

  it('is what one refund of several took, not all of them', () => {
    expect(
      factOf(
        'charge.refunded',
        { id: 'ch_1', payment_intent: 'pi_1', amount_refunded: 3_000, currency: 'usd' },
        { previous_attributes: { amount_refunded: 1_000 } },
      ),
    ).toMatchObject({ kind: 'refund', id: 'ch_1:3000', amountMinor: '2000', of: ['pi_1', 'ch_1'] });
  });

  it('is a subscription of a newer version of the API as well as of an older one', () => {
    const invoice = { id: 'in_1', amount_paid: 900, currency: 'usd', customer: 'cus_1' };
    const metadata = { headwater_external_id: 'user-7' };
    for (const details of [
      { parent: { subscription_details: { metadata, subscription: 'sub_1' } } },
      { subscription_details: { metadata }, subscription: 'sub_1' },
    ])
      expect(factOf('invoice.paid', { ...invoice, ...details })).toMatchObject({
        payer: { externalId: 'user-7' },
        properties: { invoice: 'in_1', subscription: 'sub_1' },
      });
  });

  it.each([
    [
      'a session that is not paid yet',
      'checkout.session.completed',
      { id: 'cs', payment_status: 'unpaid', amount_total: 1, currency: 'usd' },
    ],
    ['an invoice over nothing', 'invoice.paid', { id: 'in', amount_paid: 0, currency: 'usd' }],
    ['a type that does not matter', 'product.created', { id: 'prod' }],
    [
      'a dispute that was won',
      'charge.dispute.closed',
      { id: 'dp', status: 'won', amount: 5, currency: 'usd' },
    ],
  ])('is nothing for %s', (_, type, object) => {
    expect(stripe.read(event(type, object))).toMatchObject({ type, fact: undefined });
  });

  it.each(['toString', 'constructor', '__proto__'])('is nothing of the type %s', (type) => {
    expect(stripe.read(event(type, { currency: 'xyz' }))).toEqual({
      id: 'evt_1',
      type,
      mode: 'live',
      fact: undefined,
    });
  });

  it('says so where it does not know a currency', () => {
    expect(
      stripe.read(event('invoice.paid', { id: 'in', amount_paid: 5, currency: 'btc' })),
    ).toMatchObject({ fact: undefined, problem: 'currency_unknown' });
  });

  it.each([null, 5, [], {}, { id: 'evt' }, { id: 'evt', type: 'x', data: {} }])(
    'is no message in %j',
    (body) => {
      expect(stripe.read(body)).toBeUndefined();
    },
  );
});
