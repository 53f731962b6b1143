import {
  and,
  boolean,
  currency,
  list,
  majorAmount,
  number,
  object,
  oneOf,
  rule,
  sha256,
  text,
} from './form.ts';
import type { Check, Fault } from './form.ts';
import { consent, exactlyOne, failure } from './google-form.ts';
import type { Judgement, StandIn } from './stand-in.ts';

const day = 86_400_000;
const account = object({
  accountType: oneOf('GOOGLE_ADS'),
  accountId: text(/^\d{10}$/, 'must be ten digits'),
});
const identifier = and(
  object(
    {},
    {
      emailAddress: sha256,
      phoneNumber: sha256,
      address: object({
        givenName: sha256,
        familyName: sha256,
        regionCode: text(/^[A-Z]{2}$/),
        postalCode: text(),
      }),
    },
  ),
  exactlyOne(['emailAddress', 'phoneNumber', 'address']),
);

const cartItem = object(
  { merchantProductId: text(), quantity: text(/^\d+$/, 'must be an int64 as text') },
  { unitPrice: number },
);

/** Google's Data Manager API: one wrong event rejects the whole request, and a 200 only says that it was taken. */
export const googleDataManager: StandIn = {
  name: 'google_data_manager',
  hosts: ['datamanager.googleapis.com'],
  judge(request): Judgement {
    const { path, headers, body, now, method, query } = request;
    if (headers['authorization'] !== 'Bearer GOOGLE_TOKEN')
      return failure(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
    if (headers['developer-token'] !== undefined || headers['login-customer-id'] !== undefined)
      return failure(400, 'INVALID_ARGUMENT', 'These headers belong to another API.');
    if (method === 'GET' && path === '/v1/requestStatus:retrieve')
      return statusOf(query.get('requestId'));
    if (method !== 'POST' || path !== '/v1/events:ingest')
      return failure(404, 'NOT_FOUND', 'Method not found.');
    const faults = ingestForm(now)(body, '');
    if (faults.length > 0) return violations(faults);
    const { events, destinations, validateOnly } = body as IngestBody;
    const action = destinations[0]!.productDestinationId;
    if (!action.startsWith('98'))
      return failure(400, 'INVALID_ARGUMENT', 'There was a problem with the request.', [
        {
          field: 'destinations[0].product_destination_id',
          description: 'The conversion action does not exist.',
          reason: 'INVALID_CONVERSION_ACTION_ID',
        },
      ]);
    return {
      answer: { status: 200, body: { requestId: '126365e1-16d0-4c81-9de9-f362711e250a' } },
      counted:
        validateOnly === true
          ? []
          : events.map((conversion) => ({
              key: `${action} ${String(conversion['transactionId'])}`,
              conversion,
            })),
    };
  },
};

interface IngestBody {
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly destinations: readonly { readonly productDestinationId: string }[];
  readonly validateOnly?: boolean;
}

function ingestForm(now: number): Check {
  const event = and(
    object(
      { eventTimestamp: timestamp(now), transactionId: text(), eventSource: oneOf('WEB', 'OTHER') },
      {
        adIdentifiers: and(
          object({}, { gclid: text(), gbraid: text(), wbraid: text() }),
          exactlyOne(['gclid', 'gbraid', 'wbraid']),
        ),
        userData: object({ userIdentifiers: list(identifier, { max: 10 }) }),
        consent: consent('CONSENT_'),
        currency,
        conversionValue: () => [],
        cartData: object(
          { merchantId: text(/^\d+$/), items: list(cartItem) },
          { merchantFeedLabel: text(), merchantFeedLanguageCode: text(/^[a-z]{2}$/) },
        ),
      },
    ),
    (value, path) => [
      ...rule(
        (each) => each['adIdentifiers'] !== undefined || each['userData'] !== undefined,
        'has no identifiers',
      )(value, path),
      ...majorAmount('currency', 'conversionValue')(value, path),
    ],
  );
  return object(
    {
      destinations: list(
        object(
          { operatingAccount: account, productDestinationId: text(/^\d+$/) },
          { loginAccount: account },
        ),
        { max: 10 },
      ),
      events: list(event, { max: 2_000 }),
      encoding: oneOf('HEX'),
    },
    { validateOnly: boolean },
  );
}

function timestamp(now: number): Check {
  return (value, path) => {
    const isForm =
      typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(value);
    if (!isForm) return [{ path, rule: 'must be RFC 3339' }];
    return now - Date.parse(value) > 90 * day ? [{ path, rule: 'is too old' }] : [];
  };
}

function violations(faults: readonly Fault[]): Judgement {
  const fields = faults.map(({ path, rule: words }) => ({
    // The proto's own path, in snake case.
    field: `events.${path}`.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    description: words,
    reason: reasonOf(words),
  }));
  return failure(
    400,
    'INVALID_ARGUMENT',
    'There was a problem with the request.',
    fields.map((field, index) =>
      faults[index]!.path.startsWith('events[')
        ? field
        : { ...field, field: field.field.slice('events.'.length) },
    ),
  );
}

function reasonOf(words: string): string {
  if (words.includes('SHA-256')) return 'INVALID_SHA256_FORMAT';
  if (words.includes('no identifiers')) return 'NO_IDENTIFIERS_PROVIDED';
  if (words.includes('too old') || words.includes('RFC 3339')) return 'EVENT_TIME_INVALID';
  if (words.includes('currency')) return 'INVALID_CURRENCY_CODE';
  if (words.includes('is required')) return 'REQUIRED_FIELD_MISSING';
  return 'INVALID_FORMAT';
}

function statusOf(requestId: string | null): Judgement {
  if (requestId !== '126365e1-16d0-4c81-9de9-f362711e250a')
    return failure(404, 'NOT_FOUND', 'No such request.');
  const status = {
    destination: { productDestinationId: '987654321' },
    requestStatus: 'SUCCESS',
    eventsIngestionStatus: { recordCount: '1' },
  };
  return { answer: { status: 200, body: { requestStatusPerDestination: [status] } } };
}
