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

const userData = and(
  object(
    {},
    {
      em: list(sha256),
      ph: list(sha256),
      external_id: list(sha256),
      fn: sha256,
      ln: sha256,
      ct: sha256,
      st: sha256,
      zp: sha256,
      country: sha256,
      client_ip_address: ipAddress,
      client_user_agent: text(),
      sc_click_id: text(),
      sc_cookie1: text(),
    },
  ),
  rule(
    (user) =>
      user['em'] !== undefined ||
      user['ph'] !== undefined ||
      (user['client_ip_address'] !== undefined && user['client_user_agent'] !== undefined),
    'needs em, ph, or client_ip_address with client_user_agent',
  ),
);
const customData = and(
  object(
    {},
    {
      value: () => [],
      currency,
      order_id: text(),
      content_ids: list(text()),
      content_category: list(text()),
      brands: list(text()),
      num_items: integer(1, 1_000_000),
    },
  ),
  majorAmount('currency', 'value'),
);
const eventNames = [
  'PURCHASE',
  'SIGN_UP',
  'SUBSCRIBE',
  'START_TRIAL',
  ...[1, 2, 3, 4, 5].map((number) => `CUSTOM_EVENT_${number}`),
];

/** Snapchat Conversions API: its token is in the URL, and it validates a batch as a whole. */
export const snapchat: StandIn = {
  name: 'snapchat',
  hosts: ['tr.snapchat.com'],
  judge({ method, path, query, body, now }): Judgement {
    if (query.get('access_token') !== 'SNAP_TOKEN') return said(401, 'ERROR', 'Unauthorized');
    const place = /^\/v3\/([\w-]+)\/events(\/validate)?$/.exec(path);
    if (place?.[1] !== '0b1c2d3e-1111-2222-3333-444455556666' || method !== 'POST')
      return said(403, 'ERROR', 'No such pixel');
    const event: Check = object(
      {
        event_name: oneOf(...eventNames),
        action_source: oneOf('website'),
        event_time: recent(now, { days: 7 }),
        user_data: userData,
      },
      {
        event_id: text(),
        event_source_url: webAddress,
        custom_data: customData,
        data_processing_options: list(oneOf('LDU')),
        data_processing_options_country: oneOf(0, 1),
        data_processing_options_state: oneOf(0, 1_000),
      },
    );
    const [fault] = object({ data: list(event, { max: 2_000 }) })(body, '');
    if (fault !== undefined) return said(400, 'INVALID', `${fault.path} ${fault.rule}`);
    const { data } = body as { readonly data: readonly Readonly<Record<string, unknown>>[] };
    return {
      answer: { status: 200, body: { status: place[2] === undefined ? 'OK' : 'VALID' } },
      counted:
        place[2] === undefined
          ? data.map((conversion) => ({
              key: `${String(conversion['event_name'])} ${String(conversion['event_id'])}`,
              conversion,
            }))
          : [],
    };
  },
};

function said(status: number, word: string, reason: string): Judgement {
  return { answer: { status, body: { status: word, reason, error_records: [] } } };
}
