import { createHmac } from 'node:crypto';

import { minute, second } from '../kernel/clock.ts';
import { isUuid } from '../kernel/id.ts';
import { exponentOf, isCurrency } from '../kernel/money.ts';
import { equalInConstantTime } from '../security/keyring.ts';
import type {
  NamedPayer,
  Payer,
  PaymentFact,
  PaymentMessage,
  PaymentProvider,
} from './payment-provider.ts';

/**
 * Stripe's events. One check of a signature is all that is needed of it, so its own SDK stays out of the library.
 * Signature: https://docs.stripe.com/webhooks#verify-manually
 * Events: https://docs.stripe.com/api/events/types
 */
export const stripe: PaymentProvider = {
  type: 'stripe',
  label: 'Stripe',
  isSigned({ headers, text }, secrets, now) {
    const parts = (headers['stripe-signature'] ?? '').split(',').map((part) => part.split('=', 2));
    const time = parts.find(([name]) => name === 't')?.[1] ?? '';
    if (!/^\d{1,12}$/.test(time) || Math.abs(now - Number(time) * second) > tolerance) return false;
    const signatures = parts.flatMap(([name, value]) =>
      name === 'v1' && value !== undefined ? [Buffer.from(value, 'hex')] : [],
    );
    return secrets.some((secret) => {
      const expected = createHmac('sha256', secret).update(`${time}.${text}`).digest();
      return signatures.some((signature) => equalInConstantTime(signature, expected));
    });
  },
  read(body) {
    const event = objectIn(body);
    const object = objectIn(objectIn(event?.['data'])?.['object']);
    const id = textIn(event?.['id']);
    const type = textIn(event?.['type']);
    const created = event?.['created'];
    if (event === undefined || object === undefined || id === undefined || type === undefined)
      return undefined;
    if (typeof created !== 'number') return undefined;
    const before = objectIn(objectIn(event['data'])?.['previous_attributes']) ?? {};
    const code = textIn(object['currency'])?.toUpperCase();
    // Stripe's clock has whole seconds: a payment comes after the click that led to it within the same one.
    const reader = Object.hasOwn(readers, type) ? readers[type] : undefined;
    const fact = reader?.(object, (created + 1) * second - 1, before);
    return {
      id,
      type,
      mode: event['livemode'] === false ? 'test' : 'live',
      fact,
      ...(reader !== undefined &&
        code !== undefined &&
        !isCurrency(code) && { problem: 'currency_unknown' }),
    } satisfies PaymentMessage;
  },
};

/** How old a signature may be: what Stripe's own libraries take. */
const tolerance = 5 * minute;

type StripeObject = Readonly<Record<string, unknown>>;
type Reader = (
  object: StripeObject,
  occurredAt: number,
  before: StripeObject,
) => PaymentFact | undefined;

const readers: Readonly<Record<string, Reader>> = {
  'checkout.session.completed': checkout,
  // Of means that confirm later; the session was completed unpaid before.
  'checkout.session.async_payment_succeeded': checkout,
  'invoice.paid': invoice,
  'invoice_payment.paid': (object) => names(object['invoice'], objectIn(object['payment'])),
  'payment_intent.succeeded': intent,
  'charge.succeeded': (object) => names(object['id'], object),
  'charge.refunded': refund,
  'refund.failed': (object, occurredAt) => {
    const money = moneyOf(object['amount'], object['currency']);
    const id = textIn(object['id']);
    if (money === undefined || id === undefined) return undefined;
    const of = references(object['charge'], object['payment_intent']);
    const properties = texts({ refund: id, reason: object['failure_reason'] });
    return { kind: 'refund_failed', id, of, properties, occurredAt, ...money };
  },
  // While a dispute is open the money is held, not lost; one that is won changes nothing.
  'charge.dispute.closed': (object, occurredAt) => {
    const money = moneyOf(object['amount'], object['currency']);
    const id = textIn(object['id']);
    if (object['status'] !== 'lost' || money === undefined || id === undefined) return undefined;
    const of = references(object['charge'], object['payment_intent']);
    return { kind: 'refund', id, of, reason: 'dispute', occurredAt, ...money };
  },
  'customer.subscription.deleted': (object, occurredAt) => {
    const id = textIn(object['id']);
    if (id === undefined) return undefined;
    const details = objectIn(object['cancellation_details']);
    const reason = textIn(details?.['reason']);
    return {
      kind: 'subscription_ended',
      id,
      occurredAt,
      payer: payerOf(object, [object['metadata']]),
      properties: { subscription: id, ...(reason !== undefined && { reason }) },
    };
  },
};

function checkout(object: StripeObject, occurredAt: number): PaymentFact | undefined {
  if (object['payment_status'] !== 'paid') return undefined;
  const money = moneyOf(object['amount_total'], object['currency']);
  if (money === undefined || money.amountMinor === '0') return undefined;
  return {
    kind: 'payment',
    references: references(object['invoice'], object['payment_intent'], object['id']),
    occurredAt,
    payer: payerOf(object, [object['metadata']]),
    properties: texts({
      checkout_session: object['id'],
      subscription: object['subscription'],
    }),
    ...money,
  };
}

function invoice(object: StripeObject, occurredAt: number): PaymentFact | undefined {
  const money = moneyOf(object['amount_paid'], object['currency']);
  // A trial begins with an invoice over nothing.
  if (money === undefined || money.amountMinor === '0') return undefined;
  // Where a subscription's details stand depends on the version of the API.
  const parent = objectIn(objectIn(object['parent'])?.['subscription_details']);
  const details = parent ?? objectIn(object['subscription_details']);
  return {
    kind: 'payment',
    references: references(object['id'], object['payment_intent'], object['charge']),
    occurredAt,
    payer: payerOf(object, [object['metadata'], details?.['metadata']]),
    properties: texts({
      invoice: object['id'],
      subscription: details?.['subscription'] ?? object['subscription'],
      billing_reason: object['billing_reason'],
    }),
    ...money,
  };
}

/**
 * Sessions and invoices have intents too, and say more of who pays: an intent is a sale by itself only where neither
 * tells of it. Until 2025 an intent named its invoice.
 */
function intent(object: StripeObject, occurredAt: number): PaymentFact | undefined {
  const money = moneyOf(object['amount_received'], object['currency']);
  if (money === undefined || money.amountMinor === '0') return undefined;
  const known = references(object['id'], object['invoice'], object['latest_charge']);
  return {
    kind: 'payment',
    isLastResort: true,
    references: known,
    occurredAt,
    payer: payerOf({ ...object, customer_email: object['receipt_email'] }, [object['metadata']]),
    properties: texts({ payment_intent: object['id'] }),
    ...money,
  };
}

/** `amount_refunded` grows with each refund; what it was before stands beside it. */
function refund(
  object: StripeObject,
  occurredAt: number,
  before: StripeObject,
): PaymentFact | undefined {
  const [refunded, earlier = 0] = [object['amount_refunded'], before['amount_refunded']];
  if (typeof refunded !== 'number' || typeof earlier !== 'number') return undefined;
  const money = moneyOf(refunded - earlier, object['currency']);
  const charge = textIn(object['id']);
  if (money === undefined || money.amountMinor === '0' || charge === undefined) return undefined;
  return {
    kind: 'refund',
    id: `${charge}:${refunded}`,
    of: references(object['invoice'], object['payment_intent'], charge),
    reason: 'refund',
    occurredAt,
    ...money,
  };
}

function names(name: unknown, object: StripeObject | undefined): PaymentFact | undefined {
  const found = references(
    name,
    object?.['invoice'],
    object?.['payment_intent'],
    object?.['charge'],
  );
  return found.length < 2 ? undefined : { kind: 'names', references: found };
}

function references(...values: readonly unknown[]): string[] {
  return [...new Set(values.flatMap((value) => idIn(value) ?? []))];
}

/**
 * Whom a session, an invoice or a subscription names: metadata, which only the host's server writes, and the customer, by
 * whom later payments find the person. `client_reference_id` (the host's own id, or `hw_visitor_…`, or `hw_click_…`) can
 * come from the payer's browser: a payment link takes it from its address.
 */
function payerOf(object: StripeObject, metadata: readonly unknown[]): Payer {
  const said = Object.assign({}, ...metadata.map((each) => objectIn(each) ?? {})) as StripeObject;
  const reference = textIn(object['client_reference_id']);
  const prefixed = (prefix: string): string | undefined =>
    reference?.startsWith(prefix) === true ? reference.slice(prefix.length) : undefined;
  const claimed = namedPayer(
    reference?.startsWith('hw_') === true ? undefined : reference,
    prefixed('hw_visitor_'),
    prefixed('hw_click_'),
  );
  const email =
    textIn(objectIn(object['customer_details'])?.['email']) ?? textIn(object['customer_email']);
  const customer = idIn(object['customer']);
  return {
    ...namedPayer(
      textIn(said['headwater_external_id']),
      textIn(said['headwater_visitor_id']),
      textIn(said['hw_click']),
    ),
    identifiers: customer === undefined ? [] : [{ kind: 'stripe_customer', value: customer }],
    ...(email !== undefined && { email }),
    ...(Object.keys(claimed).length > 0 && { claimed }),
  };
}

function namedPayer(
  externalId: string | undefined,
  visitorId: string | undefined,
  clickId: string | undefined,
): NamedPayer {
  return {
    ...(externalId !== undefined && { externalId }),
    ...(isUuid(visitorId) && { visitorId }),
    ...(isUuid(clickId) && { clickId }),
  };
}

/**
 * Stripe's smallest units are ISO 4217's but for three currencies (https://docs.stripe.com/currencies#special-cases).
 */
const stripeExponents: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 };

function moneyOf(
  amount: unknown,
  currency: unknown,
): { readonly amountMinor: string; readonly currency: string } | undefined {
  const code = textIn(currency)?.toUpperCase();
  if (code === undefined || typeof amount !== 'number' || !Number.isSafeInteger(amount))
    return undefined;
  const exponent = exponentOf(code);
  if (exponent === undefined || amount < 0) return undefined;
  const factor = 10 ** (exponent - (stripeExponents[code] ?? exponent));
  return { amountMinor: String(BigInt(Math.round(amount * factor))), currency: code };
}

function objectIn(value: unknown): StripeObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as StripeObject)
    : undefined;
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 255 ? value : undefined;
}

/** An id, or the object that an expanded field has in its place. */
function idIn(value: unknown): string | undefined {
  return textIn(value) ?? textIn(objectIn(value)?.['id']);
}

function texts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const text = idIn(value);
      return text === undefined ? [] : [[name, text]];
    }),
  );
}
