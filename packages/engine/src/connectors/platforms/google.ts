/**
 * Google Ads, by one of two APIs: the Data Manager API, which everybody may use, or the Google Ads API, whose uploads
 * are closed to developer tokens that did not use them before June 2026 (Google's announcement of 2026-05-15).
 */
import { defineConnector } from '../connector.ts';
import { adPlatformConsent } from '../consent-needs.ts';
import { ownIdSettings } from '../event-words.ts';
import { readTokenAnswer, refreshTokenRequest } from '../refresh-token-grant.ts';
import { readServiceAccount, serviceAccountRequest } from '../service-account-grant.ts';
import { clickParameter } from '../signal-rules.ts';
import {
  buildDataManagerEvent,
  classifyDataManager,
  dataManagerRequest,
  dataManagerStatus,
} from './google-data-manager.ts';
import { buildClickConversion, classifyGoogleAds, googleAdsRequest } from './google-ads.ts';
import { googleCredentials, googleSettings } from './google-fields.ts';

const tokenUrl = 'https://oauth2.googleapis.com/token';
const scopes = {
  data_manager: 'https://www.googleapis.com/auth/datamanager',
  google_ads: 'https://www.googleapis.com/auth/adwords',
} as const;

export const google = defineConnector({
  type: 'google',
  label: 'Google Ads',
  eventTypes: ['lead', 'sale', 'registration', 'refund'],
  // The Data Manager API takes none back.
  supportsType: (type, { settings }) => type !== 'refund' || settings.api === 'google_ads',
  requiredSignals: [['gclid', 'gbraid', 'wbraid', 'email', 'phone', 'full_name']],
  signals: {
    gclid: clickParameter(90),
    gbraid: clickParameter(90),
    wbraid: clickParameter(90),
  },
  credentials: googleCredentials,
  settings: {
    ...ownIdSettings('conversion_action_id', 'Conversion action id'),
    ...googleSettings,
  },
  check({ credentials, settings }) {
    return {
      ...(credentials.access_token === undefined &&
        credentials.refresh_token === undefined &&
        credentials.service_account === undefined && {
          'credentials.access_token': [
            'is required, or service_account, or refresh_token with client_id and client_secret',
          ],
        }),
      ...(credentials.service_account !== undefined &&
        readServiceAccount(credentials.service_account) === undefined && {
          'credentials.service_account': [
            'must be the JSON of a key file, with client_email and private_key',
          ],
        }),
      ...(credentials.refresh_token !== undefined &&
        (credentials.client_id === undefined || credentials.client_secret === undefined) && {
          'credentials.refresh_token': ['needs client_id and client_secret too'],
        }),
      ...(settings.api === 'google_ads' &&
        credentials.developer_token === undefined && {
          'credentials.developer_token': ['is required by the Google Ads API'],
        }),
    };
  },
  // 90 days after a click; 63 where only the person is known, which Google itself judges.
  ageMax: () => ({ days: 90 }),
  batch: { conversionsMax: 2_000 },
  rates: [
    { requests: 300, per: { minutes: 1 } },
    { requests: 100_000, per: { days: 1 } },
  ],
  consent: adPlatformConsent,
  testMode: 'Google checks the conversions and stores nothing.',
  matchWeights: { gclid: 0.9, 'gbraid|wbraid': 0.6, email: 0.6, phone: 0.5, full_name: 0.15 },

  build(conversion, context) {
    return context.settings.api === 'google_ads'
      ? buildClickConversion(conversion, context)
      : buildDataManagerEvent(conversion, context);
  },
  request(payloads, context) {
    return context.settings.api === 'google_ads'
      ? googleAdsRequest(payloads, context)
      : dataManagerRequest(payloads, context);
  },
  classify(response, payloads) {
    // Only the Google Ads API words its payloads with a conversion action.
    const isGoogleAds = payloads.some(({ body }) => 'conversionAction' in body);
    return isGoogleAds
      ? classifyGoogleAds(response, payloads.length)
      : classifyDataManager(response, payloads.length);
  },
  oauth: {
    request({ credentials, settings, now }) {
      const { service_account, refresh_token, client_id, client_secret } = credentials;
      const account =
        service_account === undefined ? undefined : readServiceAccount(service_account);
      if (account !== undefined)
        return serviceAccountRequest(tokenUrl, account, { scope: scopes[settings.api], now });
      if (refresh_token === undefined || client_id === undefined || client_secret === undefined)
        return undefined;
      const form = { refresh_token, client_id, client_secret };
      return refreshTokenRequest(tokenUrl, form);
    },
    read: readTokenAnswer,
  },
  followUp: dataManagerStatus,
});
