import {
  and,
  boolean,
  currency,
  either,
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

const hashes = either(sha256, list(sha256));
const place = text(/^[^\sA-Z.,'-]+$/, 'must be lower case without spaces and punctuation');
const user = and(
  object(
    {},
    {
      email: hashes,
      phone: hashes,
      external_id: hashes,
      first_name: sha256,
      last_name: sha256,
      zip_code: sha256,
      city: place,
      state: place,
      country: place,
      ttclid: text(),
      ttp: text(),
      ip: ipAddress,
      user_agent: text(),
      locale: text(),
    },
  ),
  rule((value) => Object.keys(value).length > 0, 'is empty'),
);
const properties = and(
  object(
    {},
    {
      value: () => [],
      currency,
      order_id: text(),
      content_type: oneOf('product', 'product_group'),
      contents: list(
        object(
          { content_id: text() },
          {
            content_name: text(),
            content_category: text(),
            brand: text(),
            price: () => [],
            quantity: integer(1, 1_000_000),
          },
        ),
      ),
    },
  ),
  majorAmount('currency', 'value'),
);

/** TikTok Events API: HTTP 200 for everything; the outcome is in `code`, and one wrong row rejects all. */
export const tiktok: StandIn = {
  name: 'tiktok',
  hosts: ['business-api.tiktok.com'],
  judge({ method, path, headers, body, now }): Judgement {
    if (method !== 'POST' || path !== '/open_api/v1.3/event/track/')
      return said(40_000, 'Invalid path');
    if (headers['access-token'] !== 'TT_TOKEN')
      return said(40_105, 'Access token is incorrect or has been revoked.');
    const event: Check = object(
      {
        event: text(/^\w{1,64}$/),
        event_time: recent(now, { days: 28 }),
        user,
        page: object({ url: webAddress }, { referrer: webAddress }),
      },
      { event_id: text(), properties, limited_data_use: boolean },
    );
    const form = object(
      { event_source: oneOf('web'), event_source_id: text(), data: list(event, { max: 1_000 }) },
      { test_event_code: text(/^TEST/) },
    );
    const [fault] = form(body, '');
    if (fault !== undefined)
      return said(40_002, `${fault.path.replace(/\[(\d+)\]/g, '.$1')}: ${fault.rule}`);
    const { data, event_source_id: pixel, test_event_code: test } = body as Body;
    if (pixel !== 'C4A1B2C3D4E5F6G7H8I9')
      return said(40_001, `No permission to operate pixel code: ${pixel}.`);
    return {
      ...said(0, 'OK'),
      counted:
        test === undefined
          ? data.map((conversion) => ({
              key: `${String(conversion['event'])} ${String(conversion['event_id'])}`,
              conversion,
            }))
          : [],
    };
  },
};

interface Body {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly event_source_id: string;
  readonly test_event_code?: string;
}

function said(code: number, message: string): Judgement {
  return {
    answer: { status: 200, body: { code, message, request_id: '202611201015301234', data: {} } },
  };
}
