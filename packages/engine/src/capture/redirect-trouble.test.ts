import { PGlite } from '@electric-sql/pglite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import type { GeoOptions } from '../options.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';

const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36';
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1';

describe('a redirect', () => {
  let pglite: PGlite;
  let hw: TestHeadwater;
  beforeEach(async () => {
    pglite = await PGlite.create();
  }, 60_000);
  afterEach(async () => {
    await hw.close();
    await pglite.close();
  });

  async function open(provider: NonNullable<GeoOptions['provider']>): Promise<string> {
    hw = await createTestHeadwater({
      database: { pglite },
      links: { domains: ['go.test'] },
      geo: { provider },
      // These clicks are meant to be committed, however slow the machine is.
      clickPatience: { seconds: 10 },
    });
    const link = orThrow(
      await hw.links.create({
        key: 'a',
        url: 'https://shop.test/',
        geoTargeting: { DE: 'https://shop.test/de' },
      }),
    );
    return link.id;
  }

  async function follow(userAgent = chrome): Promise<string | undefined> {
    const response = await hw.handler(
      new Request('https://go.test/a', { headers: { 'user-agent': userAgent } }),
      { remoteAddress: '203.0.113.7' },
    );
    expect(response.status).toBe(302);
    return response.headers.get('location')?.replace(/[?&]hw_click=.*/, '');
  }

  const clicksOf = async (id: string) => orThrow(await hw.links.clicks(id)).clicks.length;

  it.each([
    ['"javascript:alert(1)"', '"data:text/html,x"'],
    ['"https://shop.test/\\r\\nx: y"', '"http:/no-host"'],
    ['null', '"   "'],
    ['42', '"nothing"'],
    ['{}', '"file:///etc/passwd"'],
  ])('leads to the url of the link where a stored other one is none: %s, %s', async (geo, ios) => {
    const id = await open({ locate: () => ({ countryCode: 'DE', country: 'Germany' }) });
    await hw.places.ready();
    await pglite.query('update headwater.link set geo_targeting = $1::jsonb, ios_url = $2', [
      `{"DE": ${geo}, "FR": "https://shop.test/fr"}`,
      JSON.parse(ios),
    ]);
    expect(await follow()).toBe('https://shop.test/');
    expect(await follow(iphone)).toBe('https://shop.test/');
    expect(await clicksOf(id)).toBe(2);
  });

  it('loses no click where nobody can say where it comes from', async () => {
    let asked = 0;
    const id = await open({
      locate() {
        asked += 1;
        throw new Error('out of order');
      },
    });
    await hw.places.ready();
    expect(await follow()).toBe('https://shop.test/');
    expect(asked).toBe(1);
    expect(await clicksOf(id)).toBe(1);
  });

  it('does not wait for places that are never there, and loses no click', async () => {
    const id = await open({
      locate: () => ({ countryCode: 'DE', country: 'Germany' }),
      load: () => new Promise(() => undefined),
    });
    // Would never be answered, if it waited.
    expect(await follow()).toBe('https://shop.test/');
    expect(await follow()).toBe('https://shop.test/');
    expect(await clicksOf(id)).toBe(2);
  });
});
