import type { Connector } from '../connectors/connector.ts';
import type { OutgoingConversion, OutgoingType } from '../connectors/outgoing-conversion.ts';

/** When the sample is sent: a minute after it happened. */
export const sampleNow = new Date('2026-11-20T10:16:30Z');

const occurredAt = new Date('2026-11-20T10:15:30Z');
const seenAt = new Date('2026-11-20T10:10:00Z');

/** Values as their platforms make them. */
const knownSignals: Readonly<Record<string, string>> = {
  _fbp: 'fb.1.1794992401234.1098115397',
  _fbc: 'fb.1.1794992400000.IwAR2F4dbP0l7Mn1IawQQGCINEz7PYXQ',
  _ga: 'GA1.1.1111111111.1794992400',
  ga_session_id: '1795169000',
  _rdt_uuid: '1794992400000.3f0e8e5c-4444-4555-8666-abcdefabcdef',
};

/** A conversion with everything that a connector may want: 49.99 USD of Mary's. */
export function sampleConversion(
  { signals }: Pick<Connector, 'signals'>,
  type: OutgoingType,
  values: Readonly<Record<string, string>> = {},
): OutgoingConversion {
  const names = Object.keys(signals).filter((name) => !name.endsWith('*'));
  const money = { amountMinor: 4_999n, currency: 'USD' };
  const order = { orderId: 'ord_9001', money };
  return {
    eventId: 'evt-of-the-suite',
    type,
    occurredAt,
    ...order,
    items: [{ id: 'sku-1', name: 'Mug', category: 'Home', priceMinor: 4_999n, quantity: 1 }],
    person: {
      email: ' Jane.Doe+promo@Gmail.com ',
      phone: '+1 (650) 555-1212',
      firstName: 'Mary',
      lastName: "O'Neil-Smith",
      city: 'Menlo Park',
      state: 'California',
      postalCode: '94025-1234',
      countryCode: 'US',
      externalId: 'cust_42',
    },
    device: {
      ipAddress: '203.0.113.45',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      locale: 'en-US',
      anonymousId: 'anon-7f3',
    },
    page: {
      url: 'https://shop.example.com/thanks?order=9001',
      referrer: 'https://shop.example.com/checkout',
    },
    signals: Object.fromEntries(
      names.map((name) => [
        name,
        { value: values[name] ?? knownSignals[name] ?? `sample-of-${name}`, seenAt },
      ]),
    ),
    consent: { analytics: 'granted', ads: 'granted', ad_user_data: 'granted' },
    ...(type === 'refund' && {
      refunded: {
        eventId: 'evt-of-the-sale',
        type: 'sale',
        occurredAt: seenAt,
        ...order,
        remaining: { amountMinor: 0n, currency: 'USD' },
      },
    }),
  };
}
