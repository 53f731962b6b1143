import { toPlace } from './place.ts';
import type { Place, PlaceFields } from './place.ts';

/** The names of the headers in which a proxy tells where a request comes from, in lower case. */
export type PlaceHeaders = { readonly countryCode: string } & {
  readonly [Field in Exclude<keyof PlaceFields, 'countryCode'>]?: string;
};

export const contentDeliveryNetworks = ['cloudflare', 'vercel', 'cloudfront'] as const;
export type ContentDeliveryNetwork = (typeof contentDeliveryNetworks)[number];

const headersOf: Readonly<Record<ContentDeliveryNetwork, PlaceHeaders>> = {
  // All but the first with "Add visitor location headers"
  // (https://developers.cloudflare.com/rules/transform/managed-transforms/reference/).
  cloudflare: {
    countryCode: 'cf-ipcountry',
    continent: 'cf-ipcontinent',
    region: 'cf-region',
    city: 'cf-ipcity',
    timezone: 'cf-timezone',
    latitude: 'cf-iplatitude',
    longitude: 'cf-iplongitude',
  },
  // https://vercel.com/docs/headers/request-headers; the region is there a code without a name, and so left out.
  vercel: {
    countryCode: 'x-vercel-ip-country',
    continent: 'x-vercel-ip-continent',
    city: 'x-vercel-ip-city',
    timezone: 'x-vercel-ip-timezone',
    latitude: 'x-vercel-ip-latitude',
    longitude: 'x-vercel-ip-longitude',
  },
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
  cloudfront: {
    countryCode: 'cloudfront-viewer-country',
    region: 'cloudfront-viewer-country-region-name',
    city: 'cloudfront-viewer-city',
    timezone: 'cloudfront-viewer-time-zone',
    latitude: 'cloudfront-viewer-latitude',
    longitude: 'cloudfront-viewer-longitude',
  },
};

export type ReadPlaceHeaders = (header: (name: string) => string | undefined) => Place | undefined;

/**
 * Reads what a trusted proxy says. Nobody else may reach the engine: these headers can be written by anybody.
 * @param headers a content delivery network, or the names of the headers
 */
export function createHeaderReader(
  headers: ContentDeliveryNetwork | PlaceHeaders,
): ReadPlaceHeaders {
  const names = typeof headers === 'string' ? headersOf[headers] : headers;
  const fields = Object.entries(names).map(([field, name]) => [field, name.toLowerCase()] as const);
  const country = names.countryCode.toLowerCase();
  return (header) =>
    header(country) === undefined
      ? undefined
      : toPlace(Object.fromEntries(fields.map(([field, name]) => [field, decode(header(name))])));
}

/** Names of cities come percent-encoded (Vercel, CloudFront), or in UTF-8, which Node reads as Latin-1 (Cloudflare). */
function decode(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const isLatin = /[\u0080-\u00ff]/.test(value) && !/[^\u0020-\u00ff]/.test(value);
  const text = isLatin ? Buffer.from(value, 'latin1').toString('utf8') : value;
  if (text.includes('\ufffd')) return value;
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
