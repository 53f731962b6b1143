import {
  and,
  currency,
  integer,
  ipAddress,
  list,
  majorAmount,
  object,
  oneOf,
  recent,
  rule,
  sha256,
  text,
  webAddress,
} from './form.ts';
import type { Check } from './form.ts';
import type { Judgement, StandIn } from './stand-in.ts';

const user = object(
  {},
  {
    email: sha256,
    phone_number: sha256,
    external_id: sha256,
    ip_address: ipAddress,
    user_agent: text(),
    uuid: text(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be a UUID'),
    data_processing_options: object({ modes: list(oneOf('LDU')) }),
  },
);
const metadata = and(
  object(
    { conversion_id: text() },
    {
      value: () => [],
      currency,
      item_count: integer(1, 1_000_000),
      products: list(
        object(
          { id: text() },
          {
            name: text(),
            category: text(),
            item_price: () => [],
            quantity: integer(1, 1_000_000),
          },
        ),
      ),
    },
  ),
  majorAmount('currency', 'value'),
);
const trackingTypes =
  'LEAD PURCHASE SIGN_UP PAGE_VISIT VIEW_CONTENT SEARCH ADD_TO_CART ADD_TO_WISHLIST CUSTOM'.split(
    ' ',
  );

/** Reddit Conversions API v3: milliseconds, a user agent that says who calls, and batches that fail as a whole. */
export const reddit: StandIn = {
  name: 'reddit',
  hosts: ['ads-api.reddit.com'],
  judge({ method, path, headers, body, now }): Judgement {
    if (/^(?:node|undici|axios|curl|)$/.test((headers['user-agent'] ?? '').split('/')[0]!))
      return said(429, 'Too Many Requests');
    if (headers['authorization'] !== 'Bearer RDT_TOKEN')
      return { answer: { status: 401, body: 'Authorization Required' } };
    if (method !== 'POST' || path !== '/api/v3/pixels/a2_abc123/conversion_events')
      return said(403, 'Forbidden');
    const event: Check = and(
      object(
        {
          event_at: recent(now, { days: 7, aheadSeconds: 300 }, 'milliseconds'),
          action_source: oneOf('WEBSITE'),
          type: and(
            object(
              { tracking_type: oneOf(...trackingTypes) },
              { custom_event_name: text(/^.{1,64}$/) },
            ),
            rule(
              (type) =>
                (type['tracking_type'] === 'CUSTOM') === (type['custom_event_name'] !== undefined),
              'needs a name where it is CUSTOM',
            ),
          ),
        },
        { event_source_url: webAddress, click_id: text(), user, metadata },
      ),
      rule((each) => each['click_id'] !== undefined || each['user'] !== undefined, 'names nobody'),
    );
    const form = object({
      data: object({ events: list(event, { max: 1_000 }) }, { test_id: text() }),
    });
    const [fault] = form(body, '');
    if (fault !== undefined) return said(400, `${fault.path} ${fault.rule}`);
    const { data } = body as Body;
    if (data.test_id !== undefined && data.events.length !== 1)
      return said(400, 'A test has exactly one event');
    return {
      answer: {
        status: 200,
        body: {
          data: { message: `Successfully processed ${data.events.length} conversion events.` },
        },
      },
      counted:
        data.test_id === undefined
          ? data.events.map((conversion) => ({
              key: String(conversion.metadata.conversion_id),
              conversion: { ...conversion },
            }))
          : [],
    };
  },
};

interface Body {
  readonly data: {
    readonly test_id?: string;
    readonly events: readonly { readonly metadata: { readonly conversion_id: unknown } }[];
  };
}

function said(code: number, message: string): Judgement {
  return { answer: { status: code, body: { error: { code, message } } } };
}
