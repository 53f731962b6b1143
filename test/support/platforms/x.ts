import {
  and,
  currency,
  integer,
  ipAddress,
  isRecord,
  list,
  majorDecimal,
  object,
  sha256,
  text,
} from './form.ts';
import type { Check } from './form.ts';
import type { Judgement, StandIn } from './stand-in.ts';

const identifier = object(
  {},
  {
    twclid: text(),
    hashed_email: sha256,
    hashed_phone_number: sha256,
    ip_address: ipAddress,
    user_agent: text(),
  },
);
const strong = ['twclid', 'hashed_email', 'hashed_phone_number'];
const identifiers: Check = and(list(identifier), (value, path) =>
  (value as readonly unknown[]).some(
    (each) => isRecord(each) && strong.some((name) => each[name] !== undefined),
  )
    ? []
    : [{ path, rule: 'At least one user identifier must be provided' }],
);
const conversion: Check = and(
  object(
    {
      conversion_time: text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'must be ISO 8601'),
      event_id: text(/^tw-o8z6j-\w+$/, 'is not a single event tag (SET)'),
      identifiers,
    },
    {
      conversion_id: text(),
      value: text(),
      price_currency: currency,
      number_items: integer(1, 1_000_000),
      contents: list(
        object(
          { content_id: text() },
          {
            content_name: text(),
            content_type: text(),
            content_price: text(/^\d+(?:\.\d+)?$/),
            num_items: integer(1, 1_000_000),
          },
        ),
      ),
    },
  ),
  majorDecimal('price_currency', 'value'),
);

/** X web conversions: one wrong conversion and the request fails. */
export const x: StandIn = {
  name: 'x',
  hosts: ['ads-api.x.com'],
  judge({ method, path, headers, body }): Judgement {
    const isSigned = /^OAuth .*oauth_signature="[^"]+"/.test(headers['authorization'] ?? '');
    if (headers['x-pixel-token'] !== 'X_TOKEN' && !isSigned)
      return said(401, 'UNAUTHORIZED_ACCESS', 'This request is not properly authenticated');
    if (method !== 'POST' || path !== '/12/measurement/conversions/o8z6j')
      return said(404, 'NOT_FOUND', 'The pixel was not found');
    if (isRecord(body) && Array.isArray(body['conversions']) && body['conversions'].length > 500)
      return said(400, 'INVALID_PARAMETER', 'Conversion count limit is 500');
    const [fault] = object({ conversions: list(conversion) })(body, '');
    if (fault !== undefined) return said(400, 'INVALID_PARAMETER', `${fault.path} ${fault.rule}`);
    const { conversions } = body as {
      readonly conversions: readonly Readonly<Record<string, unknown>>[];
    };
    return {
      answer: {
        status: 200,
        body: { data: { conversions_processed: conversions.length, debug_id: 'd' } },
      },
      counted: conversions.map((each) => ({
        key: `${String(each['event_id'])} ${String(each['conversion_id'])}`,
        conversion: each,
      })),
    };
  },
};

function said(status: number, code: string, message: string): Judgement {
  return { answer: { status, body: { errors: [{ code, message }] } } };
}
