import { expect, it } from 'vitest';

import { classified } from '../../../../../test/support/platforms/exercise.ts';

/**
 * Answers of the platforms as they, or open integrations that run in production, have published them; to the letter. The
 * diagnosis of the Data Manager API, which is no answer to a conversion, is read in google.test.ts.
 */
const answers: ReadonlyArray<
  readonly [
    name: string,
    platform: string,
    response: {
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: unknown;
    },
    outcomes: readonly object[],
  ]
> = [
  [
    'meta-ok',
    'meta',
    { status: 200, headers: {}, body: { events_received: 1, messages: [], fbtrace_id: 'AbC' } },
    [{ outcome: 'delivered' }],
  ],
  [
    'meta-token-http500',
    'meta',
    {
      status: 500,
      headers: {},
      body: {
        error: {
          message: 'The access token could not be decrypted',
          type: 'OAuthException',
          code: 190,
          fbtrace_id: 'x',
        },
      },
    },
    [{ outcome: 'credentials' }],
  ],
  [
    'meta-app-limit',
    'meta',
    {
      status: 400,
      headers: {},
      body: {
        error: {
          message: 'Application request limit reached',
          type: 'OAuthException',
          code: 4,
          is_transient: true,
          fbtrace_id: 'x',
        },
      },
    },
    [{ outcome: 'rate_limited' }],
  ],
  [
    'meta-too-old',
    'meta',
    {
      status: 400,
      headers: {},
      body: {
        error: {
          message: 'Invalid parameter',
          type: 'OAuthException',
          code: 100,
          error_subcode: 2_804_003,
          is_transient: false,
          error_user_title: 'Event Timestamp Too Old',
          error_user_msg: '…within 7 days…',
          fbtrace_id: 'x',
        },
      },
    },
    [{ outcome: 'rejected' }],
  ],
  [
    'meta-no-object',
    'meta',
    {
      status: 400,
      headers: {},
      body: {
        error: {
          message:
            "Unsupported post request. Object with ID '1' does not exist, cannot be loaded due to missing permissions, or does not support this operation.",
          type: 'GraphMethodException',
          code: 100,
          error_subcode: 33,
          fbtrace_id: 'x',
        },
      },
    },
    [{ outcome: 'credentials' }],
  ],
  [
    'meta-unknown',
    'meta',
    {
      status: 500,
      headers: {},
      body: {
        error: {
          message: 'An unknown error occurred',
          type: 'OAuthException',
          code: 1,
          fbtrace_id: 'x',
        },
      },
    },
    [{ outcome: 'retry' }],
  ],
  [
    'meta-html',
    'meta',
    { status: 502, headers: {}, body: '<!DOCTYPE html><html><body>Sorry</body></html>' },
    [{ outcome: 'retry' }],
  ],
  [
    'gdm-ok',
    'google',
    { status: 200, headers: {}, body: { requestId: '126365e1-16d0-4c81-9de9-f362711e250a' } },
    [{ outcome: 'delivered', reference: '126365e1-16d0-4c81-9de9-f362711e250a' }],
  ],
  [
    'gdm-bad-sha',
    'google',
    {
      status: 400,
      headers: {},
      body: {
        error: {
          code: 400,
          message: 'There was a problem with the request.',
          status: 'INVALID_ARGUMENT',
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
              reason: 'INVALID_ARGUMENT',
              domain: 'datamanager.googleapis.com',
            },
            {
              '@type': 'type.googleapis.com/google.rpc.BadRequest',
              fieldViolations: [
                {
                  field: 'events.events[1].user_data.user_identifiers[0].email_address',
                  description: 'The SHA256 encoded value is malformed.',
                  reason: 'INVALID_SHA256_FORMAT',
                },
              ],
            },
          ],
        },
      },
    },
    [{ outcome: 'resend' }, { outcome: 'rejected' }],
  ],
  [
    'gdm-401',
    'google',
    {
      status: 401,
      headers: {},
      body: {
        error: {
          code: 401,
          message: 'Request had invalid authentication credentials.',
          status: 'UNAUTHENTICATED',
        },
      },
    },
    [{ outcome: 'credentials', expired: true }],
  ],
  [
    'gdm-429',
    'google',
    {
      status: 429,
      headers: { 'retry-after': '30' },
      body: { error: { code: 429, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED' } },
    },
    [{ outcome: 'rate_limited' }],
  ],
  [
    'gads-ok',
    'google_ads',
    {
      status: 200,
      headers: {},
      body: {
        results: [
          {
            gclid: 'g',
            conversionAction: 'customers/1234567890/conversionActions/987654321',
            conversionDateTime: '2026-11-20 10:15:30+00:00',
          },
        ],
        jobId: '8531753573',
      },
    },
    [{ outcome: 'delivered' }],
  ],
  [
    'gads-dup',
    'google_ads',
    {
      status: 200,
      headers: {},
      body: {
        partialFailureError: {
          code: 3,
          message: '…',
          details: [
            {
              '@type': 'type.googleapis.com/google.ads.googleads.v25.errors.GoogleAdsFailure',
              errors: [
                {
                  errorCode: { conversionUploadError: 'ORDER_ID_ALREADY_IN_USE' },
                  message: '…',
                  location: {
                    fieldPathElements: [
                      { fieldName: 'conversions', index: 0 },
                      { fieldName: 'order_id' },
                    ],
                  },
                },
              ],
              requestId: 'f4J_sjHfhbgNieU4pkBOqg',
            },
          ],
        },
        results: [{}],
        jobId: '8531753573',
      },
    },
    [{ outcome: 'delivered', duplicate: true }],
  ],
  [
    'gads-not-allowlisted',
    'google_ads',
    {
      status: 200,
      headers: {},
      body: {
        partialFailureError: {
          code: 3,
          message:
            'Customer is not allowlisted for accessing this feature., at conversions[0].conversion_environment',
          details: [
            {
              '@type': 'type.googleapis.com/google.ads.googleads.v25.errors.GoogleAdsFailure',
              errors: [
                {
                  errorCode: { notAllowlistedError: 'CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE' },
                  message: '…',
                  location: {
                    fieldPathElements: [
                      { fieldName: 'conversions', index: 0 },
                      { fieldName: 'conversion_environment' },
                    ],
                  },
                },
              ],
              requestId: 'f4J_sjHfhbgNieU4pkBOqg',
            },
          ],
        },
        results: [{}],
        jobId: '8531753573',
      },
    },
    [{ outcome: 'credentials' }],
  ],
  [
    'gads-403',
    'google_ads',
    {
      status: 403,
      headers: {},
      body: {
        error: {
          code: 403,
          message: 'Request had insufficient authentication scopes',
          status: 'PERMISSION_DENIED',
        },
      },
    },
    [{ outcome: 'credentials' }],
  ],
  ['li-single-ok', 'linkedin', { status: 201, headers: {}, body: '' }, [{ outcome: 'delivered' }]],
  [
    'li-revoked',
    'linkedin',
    {
      status: 401,
      headers: {},
      body: {
        status: 401,
        serviceErrorCode: 65_601,
        code: 'REVOKED_ACCESS_TOKEN',
        message: 'The token used in the request has been revoked by the user',
      },
    },
    [{ outcome: 'credentials' }],
  ],
  [
    'li-wrong-rule',
    'linkedin',
    {
      status: 400,
      headers: {},
      body: {
        message:
          "Incorrect conversions information provided. Conversion's method should be CONVERSIONS_API, indices [0] (0-indexed)",
        status: 400,
      },
    },
    [{ outcome: 'credentials' }],
  ],
  [
    'li-version',
    'linkedin',
    {
      status: 426,
      headers: {},
      body: {
        status: 426,
        code: 'NONEXISTENT_VERSION',
        message: 'Requested version 20240401 is not active',
      },
    },
    [{ outcome: 'credentials' }],
  ],
  [
    'tt-ok',
    'tiktok',
    {
      status: 200,
      headers: {},
      body: { code: 0, message: 'OK', request_id: '202611201015301234', data: {} },
    },
    [{ outcome: 'delivered' }],
  ],
  [
    'tt-perm',
    'tiktok',
    {
      status: 200,
      headers: {},
      body: {
        code: 40_001,
        message:
          'No permission to operate pixel code: BU35TSQHT2A1QT375OMG. You must be an admin or operator of this advertiser account.',
        request_id: 'r',
        data: {},
      },
    },
    [{ outcome: 'credentials' }],
  ],
  [
    'tt-qps',
    'tiktok',
    {
      status: 200,
      headers: {},
      body: {
        code: 40_100,
        message: 'Too many requests. Please retry in some time.',
        request_id: 'r',
      },
    },
    [{ outcome: 'rate_limited' }],
  ],
  [
    'tt-internal',
    'tiktok',
    {
      status: 200,
      headers: {},
      body: { code: 50_000, message: 'System error', request_id: 'r', data: {} },
    },
    [{ outcome: 'retry' }],
  ],
  [
    'ms-ok',
    'microsoft',
    { status: 200, headers: {}, body: { eventsReceived: 1, traceId: 't' } },
    [{ outcome: 'delivered' }],
  ],
  [
    'ms-401',
    'microsoft',
    {
      status: 401,
      headers: {},
      body: {
        error: { code: 'Unauthorized', message: 'You are not authorized to access this resource.' },
        traceId: 't',
      },
    },
    [{ outcome: 'credentials' }],
  ],
  [
    'ms-offline-partial',
    'microsoft_offline',
    {
      status: 200,
      headers: {},
      body: { PartialErrors: [{ Index: 0, Code: 0, ErrorCode: '…', Message: '…' }] },
    },
    [{ outcome: 'rejected' }],
  ],
  [
    'pin-ok',
    'pinterest',
    {
      status: 200,
      headers: {},
      body: {
        num_events_received: 1,
        num_events_processed: 1,
        events: [{ status: 'processed', error_message: null, warning_message: null }],
      },
    },
    [{ outcome: 'delivered' }],
  ],
  [
    'pin-401',
    'pinterest',
    { status: 401, headers: {}, body: { code: 2, message: 'Authentication failed.' } },
    [{ outcome: 'credentials' }],
  ],
  [
    'snap-ok',
    'snapchat',
    { status: 200, headers: {}, body: { status: 'OK' } },
    [{ outcome: 'delivered' }],
  ],
  [
    'reddit-ok',
    'reddit',
    {
      status: 200,
      headers: {},
      body: { data: { message: 'Successfully processed 1 conversion events.' } },
    },
    [{ outcome: 'delivered' }],
  ],
  [
    'reddit-429',
    'reddit',
    {
      status: 429,
      headers: { 'retry-after': '5' },
      body: { error: { code: 429, message: 'Too Many Requests' } },
    },
    [{ outcome: 'rate_limited' }],
  ],
  [
    'x-no-identifier',
    'x',
    {
      status: 400,
      headers: {},
      body: {
        errors: [
          { code: 'INVALID_PARAMETER', message: 'At least one user identifier must be provided' },
        ],
      },
    },
    [{ outcome: 'rejected' }],
  ],
  ['ga4-ok', 'ga4', { status: 204, headers: {}, body: '' }, [{ outcome: 'delivered' }]],
  ['wh-ok', 'http', { status: 200, headers: {}, body: 'ok' }, [{ outcome: 'delivered' }]],
  ['wh-gone', 'http', { status: 410, headers: {}, body: '' }, [{ outcome: 'credentials' }]],
];

it.each(answers)('%s of %s is read as what it is', (_, platform, response, outcomes) => {
  const [type, options] =
    platform === 'google_ads' ? ['google', { settings: { api: 'google_ads' } }] : [platform, {}];
  expect(classified(type, response, outcomes.length, options)).toMatchObject(outcomes);
});
