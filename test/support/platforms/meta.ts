import {
  and,
  boolean,
  currency,
  either,
  integer,
  ipAddress,
  isRecord,
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
const userData: Check = and(
  object(
    {},
    {
      em: hashes,
      ph: hashes,
      fn: hashes,
      ln: hashes,
      ct: hashes,
      st: hashes,
      zp: hashes,
      country: hashes,
      external_id: hashes,
      client_ip_address: ipAddress,
      client_user_agent: text(),
      fbc: text(/^fb\.\d\.\d{13}\.[^.]+/, 'must be fb.<index>.<ms>.<fbclid>'),
      fbp: text(/^fb\.\d\.\d{13}\.\d{1,10}(?:\.[\w-]+)?$/, 'must be fb.<index>.<ms>.<random>'),
    },
  ),
  rule(
    (user) =>
      ['em', 'ph', 'external_id', 'fbc', 'fbp'].some((name) => user[name] !== undefined) ||
      (user['client_ip_address'] !== undefined && user['client_user_agent'] !== undefined),
    'says too little of the customer',
  ),
);
const customData: Check = and(
  object(
    {},
    {
      value: () => [],
      currency,
      order_id: text(),
      content_type: oneOf('product', 'product_group'),
      contents: list(
        object(
          { id: text(), quantity: integer(1, 1_000_000) },
          { item_price: () => [], title: text(), brand: text(), category: text() },
        ),
      ),
    },
  ),
  majorAmount('currency', 'value'),
);

/** Meta Conversions API: one wrong event and nothing of the request is taken. */
export const meta: StandIn = {
  name: 'meta',
  hosts: ['graph.facebook.com'],
  judge({ method, path, headers, body, now }): Judgement {
    if (headers['authorization'] !== 'Bearer META_TOKEN')
      return error(400, { code: 190, message: 'Error validating access token.' });
    if (!/^\/v2[5-9]\.0\/\d+\/events$/.test(path) || method !== 'POST')
      return error(400, { code: 2_500, message: 'Unknown path components.' });
    if (path.split('/')[2] !== '123456789012345')
      return error(400, {
        code: 100,
        error_subcode: 33,
        message: 'Unsupported post request. Object does not exist.',
      });
    const event: Check = and(
      object(
        {
          event_name: text(/^.{1,64}$/),
          event_time: recent(now, { days: 7 }),
          action_source: oneOf('website', 'system_generated'),
          user_data: userData,
        },
        {
          event_id: text(),
          event_source_url: webAddress,
          referrer_url: webAddress,
          custom_data: customData,
          opt_out: boolean,
          data_processing_options: list(oneOf('LDU'), { min: 0 }),
          data_processing_options_country: oneOf(0, 1),
          data_processing_options_state: oneOf(0, 1_000),
        },
      ),
      rule(
        (each) =>
          each['action_source'] !== 'website' ||
          (each['event_source_url'] !== undefined &&
            isRecord(each['user_data']) &&
            each['user_data']['client_user_agent'] !== undefined),
        'of a website needs event_source_url and client_user_agent',
      ),
    );
    const form = object(
      { data: list(event, { max: 1_000 }) },
      { test_event_code: text(/^TEST\d+$/), appsecret_proof: sha256 },
    );
    const [fault] = form(body, '');
    if (fault !== undefined) {
      const isOld = fault.rule === 'is too old';
      return error(400, {
        code: 100,
        error_subcode: isOld ? 2_804_003 : 2_804_001,
        message: 'Invalid parameter',
        error_user_msg: `${fault.path} ${fault.rule}`,
      });
    }
    const { data, test_event_code: test } = body as Body;
    const priceless = data.find(
      (each) => each['event_name'] === 'Purchase' && !hasValue(each['custom_data']),
    );
    if (priceless !== undefined)
      return error(400, { code: 100, error_subcode: 2_804_009, message: 'Invalid parameter' });
    return {
      answer: {
        status: 200,
        body: { events_received: data.length, messages: [], fbtrace_id: 'AbC' },
      },
      counted:
        test === undefined
          ? data.map((conversion) => ({
              key: `${String(conversion['event_name'])} ${String(conversion['event_id'])}`,
              conversion,
            }))
          : [],
    };
  },
};

interface Body {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly test_event_code?: string;
}

function hasValue(custom: unknown): boolean {
  return isRecord(custom) && custom['value'] !== undefined && custom['currency'] !== undefined;
}

function error(status: number, fields: Readonly<Record<string, unknown>>): Judgement {
  const body = { error: { type: 'OAuthException', fbtrace_id: 'x', ...fields } };
  return { answer: { status, body } };
}
