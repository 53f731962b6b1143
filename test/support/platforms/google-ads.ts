import {
  and,
  boolean,
  currency,
  integer,
  list,
  majorAmount,
  number,
  object,
  oneOf,
  rowOf,
  rule,
  sha256,
  text,
} from './form.ts';
import type { Check, Fault } from './form.ts';
import { consent, exactlyOne, failure } from './google-form.ts';
import type { Judgement, PlatformRequest, StandIn } from './stand-in.ts';

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
      cartData: object(
        {
          merchantId: text(/^\d+$/),
          items: list(
            object({ productId: text(), quantity: integer(1, 1_000_000) }, { unitPrice: number }),
          ),
        },
        { feedCountryCode: text(/^[A-Z]{2}$/), feedLanguageCode: text(/^[a-z]{2}$/) },
      ),
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
