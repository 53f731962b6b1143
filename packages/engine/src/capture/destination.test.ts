import { describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { isClickIdParameter } from '../sources/click-ids.ts';
import { buildLocation, prepareDestination } from './destination.ts';
import type { LinkCampaign } from './destination.ts';

const none: LinkCampaign = {
  utmSource: null,
  utmMedium: null,
  utmCampaign: null,
  utmContent: null,
  utmTerm: null,
};
const twitter: LinkCampaign = { ...none, utmSource: 'twitter', utmMedium: 'social' };
const all: LinkCampaign = {
  utmSource: 's',
  utmMedium: 'm',
  utmCampaign: 'c',
  utmContent: 'o',
  utmTerm: 't',
};

function locate(
  url: string,
  query = '',
  campaign = none,
  clickId: string | undefined = 'click-123',
): string {
  return buildLocation(prepareDestination(url, campaign), query, clickId, isClickIdParameter);
}

describe('buildLocation', () => {
  it.each([
    [
      'names the click',
      'https://example.com/page',
      '',
      none,
      'https://example.com/page?hw_click=click-123',
    ],
    [
      'keeps a bare host',
      'https://example.com',
      '',
      none,
      'https://example.com?hw_click=click-123',
    ],
    [
      'keeps the destination query',
      'https://example.com/page?foo=bar',
      '',
      none,
      'https://example.com/page?foo=bar&hw_click=click-123',
    ],
    [
      'adds the link campaign',
      'https://example.com/page',
      '',
      twitter,
      'https://example.com/page?utm_source=twitter&utm_medium=social&hw_click=click-123',
    ],
    [
      'adds all five',
      'https://example.com/',
      '',
      all,
      'https://example.com/?utm_source=s&utm_medium=m&utm_campaign=c&utm_content=o&utm_term=t&hw_click=click-123',
    ],
    [
      'lets the link replace the destination',
      'https://example.com/?utm_source=old&a=1',
      '',
      twitter,
      'https://example.com/?a=1&utm_source=twitter&utm_medium=social&hw_click=click-123',
    ],
    [
      'passes on what the request brings',
      'https://example.com/',
      'custom=1&page=2',
      none,
      'https://example.com/?custom=1&page=2&hw_click=click-123',
    ],
    [
      'lets the request replace the link',
      'https://example.com/?utm_source=old',
      'utm_source=mine',
      twitter,
      'https://example.com/?utm_medium=social&utm_source=mine&hw_click=click-123',
    ],
    [
      'lets the request replace the destination',
      'https://example.com/?a=1&b=2',
      'a=3',
      none,
      'https://example.com/?b=2&a=3&hw_click=click-123',
    ],
    [
      'passes the click ids of ad platforms on',
      'https://example.com/',
      'gclid=abc&fbclid=def',
      none,
      'https://example.com/?gclid=abc&fbclid=def&hw_click=click-123',
    ],
    [
      'drops what was meant for us',
      'https://example.com/',
      'ga_id=x&hw_click=y&via=z&ref=r&qr=1&s=t',
      none,
      'https://example.com/?hw_click=click-123',
    ],
    [
      'replaces an old click of the destination',
      'https://example.com/?hw_click=old&a=1',
      '',
      none,
      'https://example.com/?a=1&hw_click=click-123',
    ],
    [
      'puts the query before the fragment',
      'https://example.com/p?a=1#top?x=1',
      'b=2',
      twitter,
      'https://example.com/p?a=1&utm_source=twitter&utm_medium=social&b=2&hw_click=click-123#top?x=1',
    ],
    [
      'keeps repeated and strange parameters as they are',
      'https://example.com/?a=1&a=%7e&b&=c&&d=%zz+',
      '',
      none,
      'https://example.com/?a=1&a=%7e&b&=c&&d=%zz+&hw_click=click-123',
    ],
    [
      'encodes the campaign',
      'https://example.com/',
      '',
      { ...none, utmCampaign: 'a&b=c #é' },
      'https://example.com/?utm_campaign=a%26b%3Dc%20%23%C3%A9&hw_click=click-123',
    ],
    [
      'writes other characters as UTF-8',
      'https://bücher.example/größe?名=値#端',
      '',
      none,
      'https://xn--bcher-kva.example/gr%C3%B6%C3%9Fe?%E5%90%8D=%E5%80%A4&hw_click=click-123#%E7%AB%AF',
    ],
    [
      'keeps spaces of the request',
      'https://example.com/',
      'q=a+b%20c',
      none,
      'https://example.com/?q=a+b%20c&hw_click=click-123',
    ],
    [
      'keeps percent-encoded Chinese',
      'https://example.com/',
      'q=%E4%BF%83%E9%94%80',
      none,
      'https://example.com/?q=%E4%BF%83%E9%94%80&hw_click=click-123',
    ],
    [
      'reads names as a form does',
      'https://example.com/?utm%5Fsource=old',
      '',
      twitter,
      'https://example.com/?utm_source=twitter&utm_medium=social&hw_click=click-123',
    ],
    [
      'leaves a dangling question mark',
      'https://example.com/?',
      '',
      none,
      'https://example.com/?hw_click=click-123',
    ],
    [
      'opens apps',
      'myapp://pricing',
      'gclid=abc',
      twitter,
      'myapp://pricing?utm_source=twitter&utm_medium=social&gclid=abc&hw_click=click-123',
    ],
    ['leaves app URLs without a query alone', 'tel:+4930123456', 'a=1', twitter, 'tel:+4930123456'],
  ] as const)('%s', (_name, url, query, campaign, location) => {
    expect(locate(url, query, campaign)).toBe(location);
  });

  it('passes at most ten parameters on, and click ids beside them', () => {
    const query = Array.from({ length: 15 }, (_, index) => `p${index}=${index}`).join('&');
    const location = new URL(locate('https://example.com/', `${query}&gclid=abc`));
    expect([...location.searchParams.keys()].filter((name) => name.startsWith('p'))).toHaveLength(
      10,
    );
    expect(location.searchParams.get('gclid')).toBe('abc');
  });

  it('drops names of more than 64 and values of more than 512 characters', () => {
    expect(locate('https://example.com/', `${'n'.repeat(65)}=1&v=${'v'.repeat(513)}&w=1`)).toBe(
      'https://example.com/?w=1&hw_click=click-123',
    );
    expect(locate('https://example.com/', `${'n'.repeat(64)}=${'v'.repeat(512)}`)).toContain(
      'v'.repeat(512),
    );
  });

  it('passes each click id once', () => {
    expect(locate('https://example.com/', 'gclid=a&gclid=b')).toBe(
      'https://example.com/?gclid=a&hw_click=click-123',
    );
  });

  it('keeps the destination byte for byte where there is no click to name', () => {
    expect(
      buildLocation(
        prepareDestination('https://example.com/?a=%7E&#x', none),
        '',
        undefined,
        isClickIdParameter,
      ),
    ).toBe('https://example.com/?a=%7E&#x');
    expect(
      buildLocation(
        prepareDestination('https://example.com/', twitter),
        '',
        undefined,
        isClickIdParameter,
      ),
    ).toBe('https://example.com/?utm_source=twitter&utm_medium=social');
  });

  it('is always one printable ASCII line that leads to the host of the link', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.webQueryParameters());
    fc.assert(
      fc.property(text, text, text, (query, campaign, fragment) => {
        const location = locate(`https://example.com/p?x=${query}#${fragment}`, query, {
          ...none,
          utmSource: campaign,
        });
        expect(location).toMatch(/^[\x21-\x7e]+$/);
        expect(new URL(location).host).toBe('example.com');
      }),
    );
  });

  it('ends the query with the click, whatever the request brings', () => {
    fc.assert(
      fc.property(fc.webQueryParameters(), fc.webFragments(), (query, fragment) => {
        const location = new URL(locate(`https://example.com/#${fragment}`, query));
        expect([...location.searchParams.entries()].at(-1)).toEqual(['hw_click', 'click-123']);
        expect(location.searchParams.getAll('hw_click')).toEqual(['click-123']);
      }),
    );
  });
});
