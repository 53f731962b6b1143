import {
  and,
  boolean,
  currency,
  list,
  majorAmount,
  object,
  oneOf,
  rowOf,
  rule,
  sha256,
  text,
} from './form.ts';
import type { Check, Fault } from './form.ts';
import type { Judgement, PlatformRequest, StandIn } from './stand-in.ts';

const day = 86_400_000;
const account = object({
  accountType: oneOf('GOOGLE_ADS'),
  accountId: text(/^\d{10}$/, 'must be ten digits'),
});
const consent = (prefix: string): Check =>
  object(
    {},
    {
      adUserData: oneOf(`${prefix}GRANTED`, `${prefix}DENIED`),
      adPersonalization: oneOf(`${prefix}GRANTED`, `${prefix}DENIED`),
    },
  );
const exactlyOne = (names: readonly string[]): Check =>
  rule(
    (value) => names.filter((name) => value[name] !== undefined).length === 1,
    `must have exactly one of ${names.join(', ')}`,
  );

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

function failure(
  code: number,
  status: string,
  message: string,
  fieldViolations: readonly unknown[] = [],
): Judgement {
  const details =
    code === 400
      ? [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: status,
            domain: 'datamanager.googleapis.com',
          },
          { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations },
        ]
      : [];
  return { answer: { status: code, body: { error: { code, message, status, details } } } };
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

const time = text(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d$/, 'must name its zone');
const action = text(/^customers\/\d{10}\/conversionActions\/\d+$/, 'must be a conversion action');
const adsIdentifier = and(
  object({}, { hashedEmail: sha256, hashedPhoneNumber: sha256 }),
  exactlyOne(['hashedEmail', 'hashedPhoneNumber']),
);
const clickConversion = and(
  object(
    { conversionAction: action, conversionDateTime: time, orderId: text() },
    {
      gclid: text(),
      gbraid: text(),
      wbraid: text(),
      conversionValue: () => [],
      currencyCode: currency,
      userIdentifiers: list(adsIdentifier, { max: 5 }),
      consent: consent(''),
    },
  ),
  (value, path) => [
    ...rule(
      (each) => each['gbraid'] === undefined || each['wbraid'] === undefined,
      'GBRAID_WBRAID_BOTH_SET',
    )(value, path),
    ...rule(
      (each) =>
        (each['gbraid'] === undefined && each['wbraid'] === undefined) ||
        each['userIdentifiers'] === undefined,
      'UNSUPPORTED_USER_IDENTIFIER',
    )(value, path),
    ...rule(
      (each) =>
        ['gclid', 'gbraid', 'wbraid', 'userIdentifiers'].some((name) => each[name] !== undefined),
      'UNPARSEABLE_GCLID',
    )(value, path),
    ...majorAmount('currencyCode', 'conversionValue')(value, path),
  ],
);
const adjustment = and(
  object(
    {
      conversionAction: action,
      adjustmentType: oneOf('RETRACTION', 'RESTATEMENT'),
      adjustmentDateTime: time,
      orderId: text(),
    },
    {
      restatementValue: and(
        object({ adjustedValue: () => [], currencyCode: currency }),
        majorAmount('currencyCode', 'adjustedValue'),
      ),
    },
  ),
  rule(
    (each) =>
      (each['adjustmentType'] === 'RESTATEMENT') === (each['restatementValue'] !== undefined),
    'RESTATEMENT_VALUE',
  ),
);

/** The Google Ads API: rows that are rejected come back with HTTP 200. It knows order ids from before. */
export const googleAds: StandIn = {
  name: 'google_ads',
  hosts: ['googleads.googleapis.com'],
  judge(request): Judgement {
    const { path, headers, method } = request;
    if (headers['authorization'] !== 'Bearer GOOGLE_TOKEN')
      return failure(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
    if (headers['developer-token'] !== 'DEVTOKEN')
      return failure(403, 'PERMISSION_DENIED', 'The developer token is not approved.');
    const parts =
      /^\/v2[56]\/customers\/\d{10}:upload(ClickConversions|ConversionAdjustments)$/.exec(path);
    if (parts === null || method !== 'POST')
      return failure(404, 'NOT_FOUND', 'The requested URL was not found on this server.');
    return parts[1] === 'ClickConversions'
      ? uploads(request, 'conversions', clickConversion)
      : uploads(request, 'conversionAdjustments', adjustment);
  },
};

function uploads({ body }: PlatformRequest, field: string, row: Check): Judgement {
  const envelope = object(
    { [field]: list(() => [], { max: 2_000 }), partialFailure: oneOf(true) },
    { validateOnly: boolean },
  );
  const [wrong] = envelope(body, '');
  if (wrong !== undefined) return failure(400, 'INVALID_ARGUMENT', `${wrong.path} ${wrong.rule}`);
  const { [field]: rows, validateOnly } = body as Readonly<Record<string, unknown>>;
  const conversions = rows as readonly Readonly<Record<string, unknown>>[];
  const faults = list(row)(conversions, field);
  const wrongRows = new Set(faults.map(rowOf));
  const good = conversions.filter((_, index) => !wrongRows.has(index));
  return {
    answer: {
      status: 200,
      body: {
        ...(faults.length > 0 && { partialFailureError: partialFailure(field, faults) }),
        ...(validateOnly !== true && {
          results: conversions.map((each, index) =>
            wrongRows.has(index) ? {} : { conversionAction: each['conversionAction'] },
          ),
          jobId: '8531753573',
        }),
      },
    },
    counted:
      validateOnly === true
        ? []
        : good.map((conversion) => ({
            key: `${field} ${String(conversion['conversionAction'])} ${String(conversion['orderId'])}`,
            conversion,
            kind: field === 'conversions' ? ('conversion' as const) : ('adjustment' as const),
          })),
  };
}

function partialFailure(field: string, faults: readonly Fault[]): unknown {
  return {
    code: 3,
    message: 'Multiple errors in ‘details’.',
    details: [
      {
        '@type': 'type.googleapis.com/google.ads.googleads.v25.errors.GoogleAdsFailure',
        errors: faults.map((fault) => ({
          errorCode: {
            conversionUploadError: /^[A-Z_]+$/.test(fault.rule)
              ? fault.rule
              : 'INVALID_USER_IDENTIFIER',
          },
          message: `${fault.path} ${fault.rule}`,
          // Its encoder leaves out an index of 0.
          location: {
            fieldPathElements: [
              { fieldName: field, ...(rowOf(fault) > 0 && { index: rowOf(fault) }) },
            ],
          },
        })),
        requestId: 'f4J_sjHfhbgNieU4pkBOqg',
      },
    ],
  };
}

/** Google's OAuth endpoint. */
export const googleOAuth: StandIn = {
  name: 'google_oauth',
  hosts: ['oauth2.googleapis.com'],
  judge({ path, method, rawBody, headers }): Judgement {
    const form = new URLSearchParams(rawBody);
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
    if (path !== '/token' || method !== 'POST' || isForm !== true)
      return { answer: { status: 404, body: { error: 'not_found' } } };
    if (form.get('client_id') !== 'CLIENT' || form.get('client_secret') !== 'CLIENT_SECRET')
      return { answer: { status: 401, body: { error: 'invalid_client' } } };
    if (form.get('refresh_token') !== 'REFRESH' || form.get('grant_type') !== 'refresh_token')
      return {
        answer: {
          status: 400,
          body: { error: 'invalid_grant', error_description: 'Token has been revoked.' },
        },
      };
    return {
      answer: {
        status: 200,
        body: { access_token: 'GOOGLE_TOKEN', expires_in: 3_599, token_type: 'Bearer' },
      },
    };
  },
};
