import {
  and,
  currency,
  integer,
  list,
  majorAmount,
  object,
  oneOf,
  rule,
  sha256,
  text,
  webAddress,
} from './form.ts';
import type { Check } from './form.ts';
import type { Judgement, StandIn } from './stand-in.ts';

const params = and(
  object(
    { session_id: text(/^\d+$/), engagement_time_msec: integer(1, 10_000) },
    {
      transaction_id: text(),
      value: () => [],
      currency,
      page_location: webAddress,
      page_referrer: webAddress,
      items: list(
        object(
          { item_id: text() },
          {
            item_name: text(),
            item_category: text(),
            item_brand: text(),
            price: () => [],
            quantity: integer(1, 1_000_000),
          },
        ),
      ),
    },
  ),
  majorAmount('currency', 'value'),
);
const event = and(
  object({ name: oneOf('purchase', 'refund', 'generate_lead', 'sign_up'), params }),
  rule(
    ({ name, params: given }) =>
      !['purchase', 'refund'].includes(String(name)) ||
      (given as Readonly<Record<string, unknown>>)['transaction_id'] !== undefined,
    'needs a transaction_id',
    'params',
  ),
);

/**
 * GA4 Measurement Protocol: it answers 204 to whatever comes, and counts only what is right. Its debug address says what
 * is not, and counts nothing.
 */
export const ga4: StandIn = {
  name: 'ga4',
  hosts: ['www.google-analytics.com', 'region1.google-analytics.com'],
  judge({ path, query, body, now }): Judgement {
    const isDebug = path === '/debug/mp/collect';
    if (!isDebug && path !== '/mp/collect') return { answer: { status: 404 } };
    const micros: Check = (value, place) => {
      const age = now - Number(value) / 1_000;
      return Number.isInteger(value) && age >= -60_000 && age <= 72 * 3_600_000
        ? []
        : [{ path: place, rule: 'must be within 72 hours' }];
    };
    const [fault] = object(
      {
        client_id: text(/^\d+\.\d+$/, 'must be the client id of a browser'),
        events: list(event, { max: 25 }),
      },
      {
        user_id: text(),
        timestamp_micros: micros,
        consent: object(
          {},
          {
            ad_user_data: oneOf('GRANTED', 'DENIED'),
            ad_personalization: oneOf('GRANTED', 'DENIED'),
          },
        ),
        user_data: object({}, { sha256_email_address: sha256, sha256_phone_number: sha256 }),
        ...(isDebug && { validation_behavior: oneOf('ENFORCE_RECOMMENDATIONS') }),
      },
    )(body, '');
    const isKnown =
      query.get('measurement_id') === 'G-ABC123DEF4' && query.get('api_secret') === 'GA_SECRET';
    if (isDebug) {
      const validationMessages =
        fault === undefined
          ? []
          : [{ fieldPath: fault.path, description: fault.rule, validationCode: 'VALUE_INVALID' }];
      return { answer: { status: 200, body: { validationMessages } } };
    }
    if (fault !== undefined || !isKnown) return { answer: { status: 204 } };
    const { events, client_id: client } = body as Body;
    return {
      answer: { status: 204 },
      counted: events.map((each) => ({
        key:
          each.name === 'purchase' ? `${client} ${String(each.params.transaction_id)}` : undefined,
        conversion: { ...(body as object), events: [each] },
        kind: each.name === 'refund' ? ('adjustment' as const) : ('conversion' as const),
      })),
    };
  },
};

interface Body {
  readonly client_id: string;
  readonly events: readonly {
    readonly name: string;
    readonly params: { readonly transaction_id?: string };
  }[];
}
