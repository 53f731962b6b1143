import {
  and,
  boolean,
  currency,
  integer,
  ipAddress,
  list,
  majorAmount,
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

const userData = and(
  object(
    {},
    {
      em: sha256,
      ph: sha256,
      externalId: text(),
      anonymousId: text(),
      msclkid: text(),
      clientIpAddress: ipAddress,
      clientUserAgent: text(),
    },
  ),
  rule(
    (user) =>
      ['em', 'ph', 'externalId', 'anonymousId', 'msclkid'].some((name) => user[name] !== undefined),
    'needs an identifier',
  ),
);
const customData = and(
  object(
    {},
    {
      value: () => [],
      currency,
      transactionId: text(),
      pageType: oneOf('cart', 'category', 'home', 'other', 'product', 'purchase', 'searchresults'),
      ecommTotalValue: () => [],
      items: list(
        object({ id: text(), quantity: integer(1, 1_000_000) }, { name: text(), price: () => [] }),
      ),
    },
  ),
  majorAmount('currency', 'value'),
);

/** Microsoft UET Conversions API: one wrong event rejects the request unless it asks to go on. */
export const microsoft: StandIn = {
  name: 'microsoft',
  hosts: ['capi.uet.microsoft.com'],
  judge({ method, path, headers, body, now }): Judgement {
    if (headers['authorization'] !== 'Bearer MS_TOKEN')
      return refused(401, 'Unauthorized', 'You are not authorized to access this resource.');
    if (method !== 'POST' || path !== '/v1/97267979/events')
      return refused(404, 'NotFound', 'There is no such tag.');
    const event: Check = object(
      { eventType: oneOf('custom'), eventTime: recent(now, { days: 7 }), userData },
      {
        eventName: text(),
        eventId: text(),
        eventSourceUrl: webAddress,
        referrerUrl: webAddress,
        adStorageConsent: oneOf('G', 'D'),
        customData,
      },
    );
    const faults = object(
      { data: list(event, { max: 1_000 }) },
      { continueOnValidationError: boolean },
    )(body, '');
    if (faults.length > 0)
      return refused(
        400,
        'ValidationError',
        'One or more events failed validation.',
        faults.map((fault) => ({
          index: rowOf(fault),
          propertyName: fault.path,
          errorMessage: fault.rule,
        })),
      );
    const { data } = body as { readonly data: readonly Readonly<Record<string, unknown>>[] };
    return {
      answer: { status: 200, body: { eventsReceived: data.length, traceId: 't' } },
      counted: data.map((conversion) => ({
        key: `${String(conversion['eventName'])} ${String(conversion['eventId'])}`,
        conversion,
      })),
    };
  },
};

function refused(
  status: number,
  code: string,
  message: string,
  details: readonly unknown[] = [],
): Judgement {
  return { answer: { status, body: { error: { code, message, details }, traceId: 't' } } };
}

const time = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'must be in UTC, to the second');
const who = { MicrosoftClickId: text(), HashedEmailAddress: sha256, HashedPhoneNumber: sha256 };
const goals = oneOf('Offline Lead', 'Offline Sale', 'Offline Registration');
const named = rule(
  (value) => Object.keys(who).some((name) => value[name] !== undefined),
  'names nobody',
);
const conversion = and(
  object(
    { ConversionName: goals, ConversionTime: time },
    { ...who, ConversionValue: () => [], ConversionCurrencyCode: currency },
  ),
  (value, path) => [
    ...named(value, path),
    ...majorAmount('ConversionCurrencyCode', 'ConversionValue')(value, path),
  ],
);
const adjustment = and(
  object(
    {
      ConversionName: goals,
      ConversionTime: time,
      AdjustmentTime: time,
      AdjustmentType: oneOf('Retract', 'Restate'),
    },
    { ...who, AdjustmentValue: () => [], AdjustmentCurrencyCode: currency },
  ),
  (value, path) => [
    ...named(value, path),
    ...majorAmount('AdjustmentCurrencyCode', 'AdjustmentValue')(value, path),
  ],
);

/** Microsoft's offline conversions: a 200 carries the rows that were rejected. */
export const microsoftOffline: StandIn = {
  name: 'microsoft_offline',
  hosts: ['campaign.api.bingads.microsoft.com'],
  judge({ method, path, headers, body }): Judgement {
    const wanted = {
      authorization: 'Bearer MS_OAUTH',
      developertoken: 'MSDEV',
      customerid: '111',
      customeraccountid: '222',
    };
    if (Object.entries(wanted).some(([name, value]) => headers[name] !== value))
      return refused(401, 'AuthenticationTokenExpired', 'Authentication failed.');
    const [, operation = ''] =
      /^\/CampaignManagement\/v13\/(OfflineConversions|OfflineConversionAdjustments)\/Apply$/.exec(
        path,
      ) ?? [];
    if (operation === '' || method !== 'POST') return refused(404, 'NotFound', 'No operation.');
    const envelope = object({ [operation]: list(() => [], { max: 1_000 }) })(body, '');
    if (envelope.length > 0) return refused(400, 'InvalidRequest', 'The request is malformed.');
    const isAdjustment = operation === 'OfflineConversionAdjustments';
    const rows = (body as Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>)[
      operation
    ]!;
    const faults = list(isAdjustment ? adjustment : conversion)(rows, operation);
    const wrong = new Set(faults.map(rowOf));
    return {
      answer: {
        status: 200,
        body: {
          PartialErrors: faults.map((fault) => ({
            Index: rowOf(fault),
            Code: 5_600,
            ErrorCode: 'OfflineConversionInvalid',
            Message: `${fault.path} ${fault.rule}`,
          })),
        },
      },
      counted: rows
        .filter((_, index) => !wrong.has(index))
        .map((each) => ({
          key:
            each['MicrosoftClickId'] === undefined
              ? undefined
              : [
                  operation,
                  each['MicrosoftClickId'],
                  each['ConversionName'],
                  each['ConversionTime'],
                ]
                  .map(String)
                  .join(' '),
          conversion: each,
          kind: isAdjustment ? ('adjustment' as const) : ('conversion' as const),
        })),
    };
  },
};
