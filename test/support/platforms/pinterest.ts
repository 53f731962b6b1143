import {
  and,
  boolean,
  currency,
  integer,
  ipAddress,
  list,
  majorDecimal,
  object,
  oneOf,
  recent,
  rowOf,
  rule,
  sha256,
  text,
  webAddress,
} from './form.ts';
import type { Check } from './form.ts';
import type { Judgement, StandIn } from './stand-in.ts';

const hashes = list(sha256);
const userData = and(
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
      click_id: text(),
      client_ip_address: ipAddress,
      client_user_agent: text(),
    },
  ),
  rule(
    (user) =>
      user['em'] !== undefined ||
      (user['client_ip_address'] !== undefined && user['client_user_agent'] !== undefined),
    'needs em, or client_ip_address with client_user_agent',
  ),
);
const customData = and(
  object(
    {},
    {
      value: text(),
      currency,
      order_id: text(),
      contents: list(
        object(
          { id: text() },
          {
            item_name: text(),
            item_category: text(),
            item_brand: text(),
            item_price: text(/^\d+(?:\.\d+)?$/),
            quantity: integer(1, 1_000_000),
          },
        ),
      ),
    },
  ),
  majorDecimal('currency', 'value'),
);

/** Pinterest Conversions API: a word on each event, and 422 where some failed. */
export const pinterest: StandIn = {
  name: 'pinterest',
  hosts: ['api.pinterest.com'],
  judge({ method, path, query, headers, body, now }): Judgement {
    if (headers['authorization'] !== 'Bearer PIN_TOKEN')
      return { answer: { status: 401, body: { code: 2, message: 'Authentication failed.' } } };
    if (method !== 'POST' || path !== '/v5/ad_accounts/549755885175/events')
      return { answer: { status: 403, body: { code: 29, message: 'Not permitted.' } } };
    const isTest = query.get('test') === 'true';
    const envelope = object({ data: list(() => [], { max: isTest ? 20 : 1_000 }) })(body, '');
    if (envelope.length > 0)
      return { answer: { status: 400, body: { code: 1, message: 'Invalid request body.' } } };
    const { data } = body as { readonly data: readonly Readonly<Record<string, unknown>>[] };
    const event: Check = object(
      {
        event_name: text(/^[a-z_]+$/),
        action_source: oneOf('web'),
        event_time: recent(now, { days: 7 }),
        event_id: text(),
        user_data: userData,
      },
      { event_source_url: webAddress, opt_out: boolean, custom_data: customData },
    );
    const faults = list(event)(data, 'data');
    const said = new Map(faults.map((fault) => [rowOf(fault), `${fault.path} ${fault.rule}`]));
    const events = data.map((_, row) => ({
      status: said.has(row) ? 'failed' : 'processed',
      error_message: said.get(row) ?? null,
      warning_message: null,
    }));
    const summary = {
      num_events_received: data.length,
      num_events_processed: data.length - said.size,
      events,
    };
    return {
      answer:
        said.size === 0
          ? { status: 200, body: summary }
          : {
              status: 422,
              body: { code: 4_180, message: 'Some events failed.', details: summary },
            },
      counted: isTest
        ? []
        : data
            .filter((_, row) => !said.has(row))
            .map((conversion) => ({
              key: `${String(conversion['event_name'])} ${String(conversion['event_id'])}`,
              conversion,
            })),
    };
  },
};
