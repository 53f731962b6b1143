import type { Connector } from './connector.ts';
import { ga4 } from './platforms/ga4.ts';
import { google } from './platforms/google.ts';
import { http } from './platforms/http.ts';
import { linkedin } from './platforms/linkedin.ts';
import { meta } from './platforms/meta.ts';
import { microsoftOffline } from './platforms/microsoft-offline.ts';
import { microsoft } from './platforms/microsoft.ts';
import { pinterest } from './platforms/pinterest.ts';
import { reddit } from './platforms/reddit.ts';
import { snapchat } from './platforms/snapchat.ts';
import { tiktok } from './platforms/tiktok.ts';
import { x } from './platforms/x.ts';

/** The connectors that come with Headwater, in the order to list them. */
export const builtInConnectors: readonly Connector[] = [
  meta,
  google,
  microsoft,
  microsoftOffline,
  tiktok,
  linkedin,
  pinterest,
  snapchat,
  reddit,
  x,
  ga4,
  http,
];
