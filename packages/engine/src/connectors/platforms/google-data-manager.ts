/**
 * Google's Data Manager API, `events:ingest`. Facts: googleapis/google/ads/datamanager/v1, @google-ads/datamanager 0.3.0,
 * developers.google.com/data-manager (2026-09). Its 200 only says that the events were taken.
 */
import { ok, refuse } from '../../kernel/result.ts';
import type { Result } from '../../kernel/result.ts';
import type {
  BuildRefusal,
  Diagnosis,
  FollowUp,
  JsonObject,
  Outcome,
  OutcomeReason,
  OutgoingRequest,
  Payload,
  PlatformResponse,
} from '../connector.ts';
import { rfc3339 } from '../instants.ts';
import { majorUnits } from '../major-units.ts';
import type { OutgoingConversion } from '../outgoing-conversion.ts';
import { bodies, compact, payloadOf } from '../payload-json.ts';
import {
  at,
  listAt,
  outcomeOfStatus,
  plainMessage,
  refusedAsAWhole,
  textAt,
} from '../platform-answer.ts';
import { googleEmail, hashed, isHashed, phoneE164 } from '../user-data.ts';
import {
  actionIdOf,
  bearerOf,
  cartItemsOf,
  clickIdOf,
  consentOf,
  digitsOf,
  transactionIdOf,
} from './google-fields.ts';
import type { googleCredentials, googleSettings, GoogleContext } from './google-fields.ts';

const origin = 'https://datamanager.googleapis.com/v1';

export function buildDataManagerEvent(
  conversion: OutgoingConversion,
  context: GoogleContext,
): Result<Payload, BuildRefusal> {
  const { money, type } = conversion;
  if (type === 'refund') return refuse('payload_invalid', 'the Data Manager API takes no refunds');
  const adIdentifiers = clickIdOf(conversion.signals);
  const userIdentifiers = identifiersOf(conversion, context);
  if (adIdentifiers === undefined && userIdentifiers.length === 0)
    return refuse('payload_invalid', 'none of the signals has a form that Google takes');
  return ok(
    payloadOf(
      conversion.eventId,
      compact({
        transactionId: transactionIdOf(conversion, context),
        eventTimestamp: rfc3339(conversion.occurredAt),
        eventSource: 'WEB',
        adIdentifiers,
        userData: compact({ userIdentifiers }),
        consent: consentOf(conversion.consent, {
          granted: 'CONSENT_GRANTED',
          denied: 'CONSENT_DENIED',
        }),
        ...(money !== undefined && {
          currency: money.currency,
          conversionValue: majorUnits(money),
        }),
        cartData: cartOf(conversion, context),
      }),
      // The conversion action is the destination of the whole request.
      actionIdOf(type, context),
    ),
  );
}

export function dataManagerRequest(
  payloads: readonly Payload[],
  context: GoogleContext,
): OutgoingRequest {
  const { credentials, test } = context;
  const manager = credentials.login_customer_id;
  return {
    method: 'POST',
    url: `${origin}/events:ingest`,
    headers: { authorization: bearerOf(context) },
    body: {
      destinations: [
        {
          operatingAccount: accountOf(credentials.customer_id),
          ...(manager !== undefined && { loginAccount: accountOf(manager) }),
          productDestinationId: payloads[0]?.group ?? credentials.conversion_action_id,
        },
      ],
      encoding: 'HEX',
      events: bodies(payloads),
      ...(test && { validateOnly: true }),
    },
  };
}

export function classifyDataManager(
  response: PlatformResponse,
  count: number,
): Outcome | readonly Outcome[] {
  const { status, body } = response;
  if (status === 200) {
    const reference = textAt(body, 'requestId');
    return { outcome: 'delivered', ...(reference !== undefined && { reference }) };
  }
  const message = plainMessage(textAt(body, 'error', 'message') ?? '');
  const code = textAt(body, 'error', 'status') ?? `http_${status}`;
  const details = listAt(body, 'error', 'details');
  const violations = details.flatMap((detail) => listAt(detail, 'fieldViolations'));
  const reasons = [...details, ...violations].flatMap((each) => textAt(each, 'reason') ?? []);
  const misconfigured = reasons.find((reason) => configurationReasons.has(reason));
  if (misconfigured !== undefined) return { outcome: 'credentials', code: misconfigured, message };
  if (status !== 400) return { ...outcomeOfStatus(response), ...(status !== 400 && { code }) };
  return refusedAsAWhole(count, wrongRows(violations), {
    code: reasons.find((reason) => reason !== 'INVALID_ARGUMENT') ?? code,
    message,
  });
}

/** Minutes to hours later Google says what it made of a request. */
export const dataManagerStatus: FollowUp<typeof googleCredentials, typeof googleSettings> = {
  after: { hours: 1 },
  request: (reference, context) => ({
    method: 'GET',
    url: `${origin}/requestStatus:retrieve?requestId=${encodeURIComponent(reference)}`,
    headers: { authorization: bearerOf(context) },
  }),
  read: ({ status, body }): Diagnosis => {
    const destinations = listAt(body, 'requestStatusPerDestination');
    if (status !== 200 || destinations.length === 0)
      return {
        diagnosis: 'unknown',
        code: textAt(body, 'error', 'status') ?? `http_${status}`,
        message: plainMessage(textAt(body, 'error', 'message') ?? 'Nothing is known of it.'),
      };
    if (destinations.some((each) => at(each, 'requestStatus') === 'PROCESSING'))
      return { diagnosis: 'processing' };
    const received = destinations.map((each) =>
      Number(at(each, 'eventsIngestionStatus', 'recordCount') ?? 0),
    );
    return {
      diagnosis: 'processed',
      received: received.reduce((sum, each) => sum + each, 0),
      problems: destinations
        .flatMap((each) => listAt(each, 'errorInfo', 'errorCounts'))
        .map((each) => ({
          code: textAt(each, 'reason') ?? 'UNKNOWN',
          conversions: Number(at(each, 'recordCount') ?? 0),
        })),
    };
  },
};

/** Nothing that an event could do better. */
const configurationReasons: ReadonlySet<string> = new Set([
  'INVALID_DESTINATION',
  'INVALID_CONVERSION_ACTION_ID',
  'INVALID_CONVERSION_ACTION_TYPE',
  'DESTINATION_ACCOUNT_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS',
  'DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED',
  'DESTINATION_ACCOUNT_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS',
  'TERMS_AND_CONDITIONS_NOT_SIGNED',
  'NOT_ALLOWLISTED',
]);

/** `events.events[1].user_data…` and `events[1]…` name the row. */
function wrongRows(violations: readonly unknown[]): ReadonlyMap<number, OutcomeReason> {
  const rows = violations.flatMap((violation): [number, OutcomeReason][] => {
    const field = textAt(violation, 'field') ?? '';
    const row = /\bevents\[(\d{1,4})\]/.exec(field)?.[1];
    if (row === undefined) return [];
    const message = `${field}: ${textAt(violation, 'description') ?? ''}`;
    const code = textAt(violation, 'reason') ?? 'INVALID_ARGUMENT';
    return [[Number(row), { code, message: plainMessage(message) }]];
  });
  return new Map(rows);
}

function accountOf(id: string): JsonObject {
  return { accountType: 'GOOGLE_ADS', accountId: digitsOf(id) };
}

function identifiersOf(
  { person }: OutgoingConversion,
  { settings }: GoogleContext,
): readonly JsonObject[] {
  const emailAddress = hashed(googleEmail(person.email));
  const phoneNumber = hashed(phoneE164(person.phone));
  const known = [
    ...(emailAddress === undefined ? [] : [{ emailAddress }]),
    ...(phoneNumber === undefined ? [] : [{ phoneNumber }]),
  ];
  const address = known.length === 0 || settings.send_address ? addressOf(person) : undefined;
  return address === undefined ? known : [...known, { address }];
}

function cartOf(conversion: OutgoingConversion, context: GoogleContext): JsonObject | undefined {
  const items = cartItemsOf(conversion, context);
  const { merchant_id, feed_label, feed_language } = context.settings;
  if (items.length === 0) return undefined;
  return compact({
    merchantId: merchant_id,
    merchantFeedLabel: feed_label,
    merchantFeedLanguageCode: feed_language,
    items: items.map(({ id, quantity, unitPrice }) =>
      // An int64 is text in Google's JSON.
      compact({ merchantProductId: id, quantity: String(quantity), unitPrice }),
    ),
  });
}

/** All four or none; country and postal code in the clear. */
function addressOf(person: OutgoingConversion['person']): JsonObject | undefined {
  const givenName = hashed(nameOf(person.firstName));
  const familyName = hashed(nameOf(person.lastName));
  const regionCode = person.countryCode?.trim().toUpperCase();
  const postalCode = person.postalCode?.trim();
  if (givenName === undefined || familyName === undefined) return undefined;
  if (regionCode === undefined || !/^[A-Z]{2}$/.test(regionCode)) return undefined;
  if (postalCode === undefined || postalCode === '' || isHashed(postalCode)) return undefined;
  return { givenName, familyName, regionCode, postalCode };
}

/** Google's own formatter drops what people put around their names. */
function nameOf(value: string | undefined): string | undefined {
  const name = value
    ?.trim()
    .toLowerCase()
    .replace(/^(?:mrs|mr|ms|dr)\.?\s+/, '')
    .replace(/(?:,\s*|\s+)(?:jr|sr|ii|iii|iv|phd|md|cpa|esq)\.?$/, '')
    .trim();
  return name === '' ? undefined : name;
}
