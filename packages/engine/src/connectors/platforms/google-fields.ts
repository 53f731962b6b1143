/** What both of Google's APIs are configured with, and how both name accounts, consent and people. */
import type { AdConsent } from '../ad-consent.ts';
import type {
  ConnectorContext,
  CredentialFields,
  SettingFields,
  SettingValues,
} from '../connector.ts';
import { idOf } from '../event-words.ts';
import { pieceUnits } from '../major-units.ts';
import type { OutgoingConversion } from '../outgoing-conversion.ts';

const accountId = {
  secret: false,
  pattern: '[0-9]{3}-?[0-9]{3}-?[0-9]{4}',
  rule: 'must be the ten digits of an account',
} as const;

export const googleCredentials = {
  customer_id: {
    ...accountId,
    label: 'Customer id',
    description: 'The account that owns the conversion action.',
  },
  conversion_action_id: {
    label: 'Conversion action id',
    description: 'The digits after ctId= in the address of the conversion action.',
    secret: false,
    pattern: '[0-9]{1,20}',
    rule: 'must be digits',
  },
  access_token: {
    label: 'Access token',
    description: 'Good for an hour; a service account or a refresh token lasts.',
    secret: true,
    optional: true,
  },
  service_account: {
    label: 'Service account',
    description: 'The key file of a service account that has access to the account: its JSON.',
    secret: true,
    optional: true,
  },
  refresh_token: { label: 'Refresh token', secret: true, optional: true },
  client_id: { label: 'OAuth client id', secret: false, optional: true },
  client_secret: { label: 'OAuth client secret', secret: true, optional: true },
  login_customer_id: {
    ...accountId,
    label: 'Manager account',
    description: 'Where access comes from a manager account.',
    optional: true,
  },
  developer_token: {
    label: 'Developer token',
    description: 'Only for the Google Ads API.',
    secret: true,
    optional: true,
  },
} as const satisfies CredentialFields;

export const googleSettings = {
  api: {
    type: 'choice',
    label: 'API',
    description: 'google_ads only for developer tokens that Google has allowlisted.',
    default: 'data_manager',
    choices: ['data_manager', 'google_ads'],
  },
  api_version: {
    type: 'text',
    label: 'Version of the Google Ads API',
    default: 'v25',
    pattern: 'v[0-9]{1,3}',
    rule: 'must look like v25',
  },
  transaction_id: {
    type: 'choice',
    label: 'Transaction id',
    description: "By which Google knows repeats; as the page's own tag has it.",
    default: 'event_id',
    choices: ['event_id', 'order_id'],
  },
  send_address: {
    type: 'boolean',
    label: 'Send the address',
    description:
      'Name, country and postal code beside email and phone too, not only in their place.',
    default: false,
  },
  merchant_id: {
    type: 'text',
    label: 'Merchant Center id',
    description: 'With it Google is told what was bought (cart data), by the ids of the feed.',
    default: '',
    pattern: '[0-9]{0,20}',
    rule: 'must be digits',
  },
  feed_label: {
    type: 'text',
    label: 'Label of the feed',
    description: 'Of the Google Ads API the country of the feed.',
    default: '',
    pattern: '[A-Z0-9_-]{0,20}',
    rule: 'must look like US',
  },
  feed_language: {
    type: 'text',
    label: 'Language of the feed',
    default: '',
    pattern: '([a-z]{2})?',
    rule: 'must look like en',
  },
} as const satisfies SettingFields;

export type GoogleContext = ConnectorContext<typeof googleCredentials, typeof googleSettings>;

export function bearerOf({ accessToken, credentials }: GoogleContext): string {
  return `Bearer ${accessToken ?? credentials.access_token ?? ''}`;
}

export function digitsOf(account: string): string {
  return account.replaceAll('-', '');
}

export function actionIdOf(
  type: Exclude<OutgoingConversion['type'], 'refund'>,
  { credentials, settings }: GoogleContext,
): string {
  // The ids by type are settings of the connector that these two APIs need not know.
  const all = settings as SettingValues<SettingFields>;
  return idOf(type, 'conversion_action_id', all, credentials.conversion_action_id);
}

export function transactionIdOf(
  { eventId, orderId }: Pick<OutgoingConversion, 'eventId' | 'orderId'>,
  { settings }: GoogleContext,
): string {
  return settings.transaction_id === 'order_id' ? (orderId ?? eventId) : eventId;
}

/** Only what somebody said; without it Google applies the account's own default. */
export function consentOf(
  { ad_user_data, ad_personalization }: AdConsent,
  words: { readonly granted: string; readonly denied: string },
): Readonly<Record<string, string>> {
  return {
    ...(ad_user_data !== undefined && { adUserData: words[ad_user_data] }),
    ...(ad_personalization !== undefined && { adPersonalization: words[ad_personalization] }),
  };
}

/**
 * What was bought, in the fields that both APIs have: nothing without a Merchant Center, whose products the ids are.
 * Pieces are counted in whole numbers.
 */
export function cartItemsOf(
  { items = [], money }: OutgoingConversion,
  { settings }: GoogleContext,
): readonly CartItem[] {
  if (settings.merchant_id === '') return [];
  return items
    .map(({ id, quantity = 1, priceMinor }) => ({
      id,
      quantity,
      unitPrice: pieceUnits(priceMinor, money),
    }))
    .filter(({ quantity }) => Number.isSafeInteger(quantity));
}

interface CartItem {
  readonly id: string;
  readonly quantity: number;
  /** In major units. */
  readonly unitPrice: number | undefined;
}

/** One click id, never two braids; a web conversion's own braid is the `wbraid`. */
export function clickIdOf(
  signals: OutgoingConversion['signals'],
): Readonly<Record<string, string>> | undefined {
  for (const name of ['gclid', 'wbraid', 'gbraid']) {
    const value = signals[name]?.value;
    if (value !== undefined) return { [name]: value };
  }
  return undefined;
}
