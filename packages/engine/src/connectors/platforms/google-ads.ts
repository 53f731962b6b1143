/**
 * The Google Ads API, `uploadClickConversions` and `uploadConversionAdjustments`. Facts: the protos of v25,
 * developers.google.com/google-ads/api/reference. Rejected rows come with HTTP 200, in `partialFailureError`.
 */
import { ok, refuse } from '../../kernel/result.ts';
import type { Result } from '../../kernel/result.ts';
import type {
  BuildRefusal,
  JsonObject,
  Outcome,
  OutgoingRequest,
  Payload,
  PlatformResponse,
} from '../connector.ts';
import { googleAdsTime } from '../instants.ts';
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
  tooMuch,
} from '../platform-answer.ts';
import { googleEmail, hashed, phoneE164 } from '../user-data.ts';
import {
  actionIdOf,
  bearerOf,
  cartItemsOf,
  clickIdOf,
  consentOf,
  digitsOf,
  transactionIdOf,
} from './google-fields.ts';
import type { GoogleContext } from './google-fields.ts';

const adjustments = 'adjustments';

export function buildClickConversion(
  conversion: OutgoingConversion,
  context: GoogleContext,
): Result<Payload, BuildRefusal> {
  if (conversion.type === 'refund') return buildAdjustment(conversion, context);
  const { money } = conversion;
  const clickId = clickIdOf(conversion.signals);
  // Beside a braid Google takes no user identifiers.
  const takesPeople = clickId === undefined || 'gclid' in clickId;
  const userIdentifiers = takesPeople ? identifiersOf(conversion) : [];
  if (clickId === undefined && userIdentifiers.length === 0)
    return refuse('payload_invalid', 'none of the signals has a form that Google takes');
  return ok(
    payloadOf(
      conversion.eventId,
      compact({
        conversionAction: actionOf(actionIdOf(conversion.type, context), context),
        conversionDateTime: googleAdsTime(conversion.occurredAt),
        ...clickId,
        ...(money !== undefined && {
          conversionValue: majorUnits(money),
          currencyCode: money.currency,
        }),
        orderId: transactionIdOf(conversion, context),
        userIdentifiers,
        consent: consentOf(conversion.consent, { granted: 'GRANTED', denied: 'DENIED' }),
        cartData: cartOf(conversion, context),
      }),
    ),
  );
}

function cartOf(conversion: OutgoingConversion, context: GoogleContext): JsonObject | undefined {
  const items = cartItemsOf(conversion, context);
  const { merchant_id, feed_label, feed_language } = context.settings;
  if (items.length === 0) return undefined;
  return compact({
    merchantId: merchant_id,
    feedCountryCode: feed_label,
    feedLanguageCode: feed_language,
    items: items.map(({ id, quantity, unitPrice }) =>
      compact({ productId: id, quantity, unitPrice }),
    ),
  });
}

/** A retraction where nothing is left of the conversion, else a restatement of what is; known by its order id. */
function buildAdjustment(
  { eventId, occurredAt, refunded }: OutgoingConversion,
  context: GoogleContext,
): Result<Payload, BuildRefusal> {
  if (refunded === undefined)
    return refuse('payload_invalid', 'the conversion that is taken back is not known');
  const { remaining } = refunded;
  const isPart = remaining !== undefined && remaining.amountMinor > 0n;
  return ok(
    payloadOf(
      eventId,
      compact({
        conversionAction: actionOf(actionIdOf(refunded.type, context), context),
        adjustmentType: isPart ? 'RESTATEMENT' : 'RETRACTION',
        adjustmentDateTime: googleAdsTime(occurredAt),
        orderId: transactionIdOf(refunded, context),
        ...(isPart && {
          restatementValue: {
            adjustedValue: majorUnits(remaining),
            currencyCode: remaining.currency,
          },
        }),
      }),
      adjustments,
    ),
  );
}

export function googleAdsRequest(
  payloads: readonly Payload[],
  context: GoogleContext,
): OutgoingRequest {
  const { credentials, settings, test } = context;
  const account = digitsOf(credentials.customer_id);
  const manager = credentials.login_customer_id;
  const isAdjustment = payloads[0]?.group === adjustments;
  const operation = isAdjustment ? 'uploadConversionAdjustments' : 'uploadClickConversions';
  return {
    method: 'POST',
    url: `https://googleads.googleapis.com/${settings.api_version}/customers/${account}:${operation}`,
    headers: {
      authorization: bearerOf(context),
      'developer-token': credentials.developer_token ?? '',
      ...(manager !== undefined && { 'login-customer-id': digitsOf(manager) }),
    },
    body: {
      [isAdjustment ? 'conversionAdjustments' : 'conversions']: bodies(payloads),
      partialFailure: true,
      ...(test && { validateOnly: true }),
    },
  };
}

export function classifyGoogleAds(
  response: PlatformResponse,
  count: number,
): Outcome | readonly Outcome[] {
  const { status, body } = response;
  if (status !== 200) return outcomeOfError(response);
  const failure = at(body, 'partialFailureError');
  if (failure === undefined) return { outcome: 'delivered' };
  const errors = listAt(failure, 'details').flatMap((detail) => listAt(detail, 'errors'));
  // Something was refused, and nothing says which: by its order id Google knows what it has taken.
  if (errors.length === 0) {
    const message = plainMessage(textAt(failure, 'message') ?? '');
    return refusedAsAWhole(count, new Map(), { code: 'PARTIAL_FAILURE', message });
  }
  const byRow = new Map(errors.map((error) => [rowOf(error), outcomeOfRow(error)]));
  return Array.from(
    { length: count },
    (_, row): Outcome => byRow.get(row) ?? { outcome: 'delivered' },
  );
}

/** The whole call was refused, by the words of google.rpc or of the Google Ads API. */
function outcomeOfError(response: PlatformResponse): Outcome {
  const { body } = response;
  const message = plainMessage(textAt(body, 'error', 'message') ?? '');
  const details = listAt(body, 'error', 'details');
  const [error] = details.flatMap((detail) => listAt(detail, 'errors'));
  const code = codeOf(error) ?? textAt(body, 'error', 'status') ?? `http_${response.status}`;
  if (configurationErrors.has(code)) return { outcome: 'credentials', code, message };
  const delay = textAt(error, 'details', 'quotaErrorDetails', 'retryDelay');
  if (response.status === 429) {
    const seconds = /^(\d{1,6})(?:\.\d+)?s$/.exec(delay ?? '')?.[1];
    const outcome = tooMuch(response, { code, message });
    return seconds === undefined ? outcome : { ...outcome, retryAfterSeconds: Number(seconds) };
  }
  const outcome = outcomeOfStatus(response, message);
  return 'code' in outcome ? { ...outcome, code } : outcome;
}

function outcomeOfRow(error: unknown): Outcome {
  const code = codeOf(error) ?? 'UNKNOWN';
  const message = plainMessage(textAt(error, 'message') ?? code);
  // The click or the action is younger than Google's own pipeline.
  if (code === 'TOO_RECENT_EVENT' || code === 'TOO_RECENT_CONVERSION_ACTION')
    return { outcome: 'retry', code, message, retryAfterSeconds: 6 * 3_600 };
  if (knownAlready.has(code)) return { outcome: 'delivered', duplicate: true };
  if (twiceInOneRequest.has(code)) return { outcome: 'resend' };
  if (configurationErrors.has(code)) return { outcome: 'credentials', code, message };
  if (code === 'INTERNAL_ERROR' || code === 'TRANSIENT_ERROR')
    return { outcome: 'retry', code, message };
  return { outcome: 'rejected', code, message };
}

/** `{"conversionUploadError": "CLICK_NOT_FOUND"}`: the kind of error, and the error. */
function codeOf(error: unknown): string | undefined {
  const code: unknown = Object.values(Object(at(error, 'errorCode')) as object)[0];
  return typeof code === 'string' ? code : undefined;
}

/** Some encoders leave out an index of 0. */
function rowOf(error: unknown): number {
  const [first] = listAt(error, 'location', 'fieldPathElements');
  return Number(at(first, 'index') ?? 0);
}

const knownAlready: ReadonlySet<string> = new Set([
  'ORDER_ID_ALREADY_IN_USE',
  'CLICK_CONVERSION_ALREADY_EXISTS',
  'CONVERSION_ALREADY_RETRACTED',
]);

const twiceInOneRequest: ReadonlySet<string> = new Set([
  'DUPLICATE_ORDER_ID',
  'DUPLICATE_CLICK_CONVERSION_IN_REQUEST',
]);

const configurationErrors: ReadonlySet<string> = new Set([
  'NO_CONVERSION_ACTION_FOUND',
  'INVALID_CONVERSION_ACTION_TYPE',
  'CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS',
  'CUSTOMER_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS',
  'CUSTOMER_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS',
  'CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE',
  'USER_PERMISSION_DENIED',
  'DEVELOPER_TOKEN_NOT_APPROVED',
]);

function actionOf(actionId: string, { credentials }: GoogleContext): string {
  return `customers/${digitsOf(credentials.customer_id)}/conversionActions/${actionId}`;
}

/** One kind in each. */
function identifiersOf({ person }: OutgoingConversion): readonly JsonObject[] {
  const hashedEmail = hashed(googleEmail(person.email));
  const hashedPhoneNumber = hashed(phoneE164(person.phone));
  return [
    ...(hashedEmail === undefined ? [] : [{ hashedEmail }]),
    ...(hashedPhoneNumber === undefined ? [] : [{ hashedPhoneNumber }]),
  ];
}
