import { describe, expect, it } from 'vitest';

import { createHeaderReader } from './place-headers.ts';

function headers(values: Readonly<Record<string, string>>) {
  return (name: string) => values[name];
}

describe('createHeaderReader', () => {
  it('reads what Cloudflare says, whose names are UTF-8', () => {
    const read = createHeaderReader('cloudflare');
    expect(read(headers({ 'cf-ipcountry': 'DE' }))).toEqual({
      countryCode: 'DE',
      country: 'Germany',
    });
    const city = Buffer.from('Köln').toString('latin1');
    expect(
      read(
        headers({
          'cf-ipcountry': 'DE',
          'cf-ipcontinent': 'EU',
          'cf-region': 'North Rhine-Westphalia',
          'cf-ipcity': city,
          'cf-timezone': 'Europe/Berlin',
          'cf-iplatitude': '50.93',
          'cf-iplongitude': '6.95',
        }),
      ),
    ).toEqual({
      countryCode: 'DE',
      country: 'Germany',
      continent: 'Europe',
      region: 'North Rhine-Westphalia',
      city: 'Köln',
      timezone: 'Europe/Berlin',
      latitude: 50.93,
      longitude: 6.95,
    });
  });

  it.each(['XX', 'T1', '', 'DE, FR'])('knows no country in %j', (value) => {
    expect(createHeaderReader('cloudflare')(headers({ 'cf-ipcountry': value }))).toBeUndefined();
  });

  it('reads what Vercel and CloudFront say, whose names are percent-encoded', () => {
    expect(
      createHeaderReader('vercel')(
        headers({ 'x-vercel-ip-country': 'BR', 'x-vercel-ip-city': 'S%C3%A3o%20Paulo' }),
      ),
    ).toMatchObject({ countryCode: 'BR', city: 'São Paulo' });
    expect(
      createHeaderReader('cloudfront')(
        headers({
          'cloudfront-viewer-country': 'US',
          'cloudfront-viewer-country-region-name': 'Michigan',
          'cloudfront-viewer-city': 'Ann%20Arbor',
        }),
      ),
    ).toMatchObject({ region: 'Michigan', city: 'Ann Arbor' });
  });

  it('reads headers of any other name, and text that is not encoded as it stands', () => {
    const read = createHeaderReader({ countryCode: 'X-Client-Country', city: 'x-client-city' });
    expect(read(headers({ 'x-client-country': 'fr', 'x-client-city': '100%' }))).toEqual({
      countryCode: 'FR',
      country: 'France',
      city: '100%',
    });
    expect(read(headers({}))).toBeUndefined();
  });
});
