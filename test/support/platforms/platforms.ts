import { endpoint } from './endpoint.ts';
import { ga4 } from './ga4.ts';
import { googleAds, googleDataManager, googleOAuth } from './google.ts';
import { linkedin } from './linkedin.ts';
import { meta } from './meta.ts';
import { microsoft, microsoftOffline } from './microsoft.ts';
import { pinterest } from './pinterest.ts';
import { reddit } from './reddit.ts';
import { snapchat } from './snapchat.ts';
import { startPlatforms } from './stand-in.ts';
import type { Platforms } from './stand-in.ts';
import { tiktok } from './tiktok.ts';
import { x } from './x.ts';

const standIns = [
  meta,
  googleDataManager,
  googleAds,
  googleOAuth,
  microsoft,
  microsoftOffline,
  tiktok,
  linkedin,
  pinterest,
  snapchat,
  reddit,
  x,
  ga4,
  endpoint,
];

/** A stand-in for each platform that Headwater has a connector for. */
export async function startAllPlatforms(options: {
  readonly now: () => number;
}): Promise<Platforms> {
  return await startPlatforms(standIns, options);
}

/** What the stand-ins take as good, for the connector of each type. */
export const goodCredentials: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  meta: { access_token: 'META_TOKEN', pixel_id: '123456789012345' },
  google: {
    customer_id: '123-456-7890',
    conversion_action_id: '987654321',
    access_token: 'GOOGLE_TOKEN',
    login_customer_id: '9876543210',
    developer_token: 'DEVTOKEN',
  },
  microsoft: { access_token: 'MS_TOKEN', tag_id: '97267979' },
  microsoft_offline: {
    developer_token: 'MSDEV',
    customer_id: '111',
    account_id: '222',
    access_token: 'MS_OAUTH',
  },
  tiktok: { access_token: 'TT_TOKEN', pixel_code: 'C4A1B2C3D4E5F6G7H8I9' },
  linkedin: { access_token: 'LI_TOKEN', conversion_rule_id: '104012' },
  pinterest: { access_token: 'PIN_TOKEN', ad_account_id: '549755885175' },
  snapchat: { access_token: 'SNAP_TOKEN', pixel_id: '0b1c2d3e-1111-2222-3333-444455556666' },
  reddit: { access_token: 'RDT_TOKEN', pixel_id: 'a2_abc123' },
  x: { pixel_id: 'o8z6j', event_tag_id: 'tw-o8z6j-o8z21', pixel_token: 'X_TOKEN' },
  ga4: { measurement_id: 'G-ABC123DEF4', api_secret: 'GA_SECRET' },
  http: {
    url: 'https://hooks.example.net/in',
    signing_secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  },
};
