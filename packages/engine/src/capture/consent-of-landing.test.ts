import { PGlite } from '@electric-sql/pglite';
import { expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';

const headers = {
  host: 'shop.test',
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
};

it('what the first page of a short link is told as consent stands with the click', async () => {
  await using pglite = await PGlite.create();
  await using hw = await createTestHeadwater({
    database: { pglite },
    links: { domains: ['shop.test'] },
    // The click is meant to be committed, however slow the machine is.
    clickPatience: { seconds: 10 },
  });
  orThrow(await hw.links.create({ domain: 'shop.test', key: 'go', url: 'https://shop.test/' }));
  const click = await hw.handler(new Request('https://shop.test/go?gclid=abc', { headers }));
  const url = click.headers.get('location');
  const touches = async () =>
    (await pglite.query('select kind, consent from headwater.touch order by id')).rows;
  expect(await touches()).toEqual([{ kind: 'click', consent: null }]);

  const see = async (consent: unknown): Promise<void> => {
    const body = JSON.stringify({ url, consent });
    const request = { method: 'POST', headers, body };
    const response = await hw.handler(new Request('https://shop.test/hw/t/event', request));
    expect(response.status).toBe(200);
  };
  await see({ analytics: 'granted', ads: 'denied' });
  const answered = { kind: 'click', consent: { analytics: 'granted', ads: 'denied' } };
  expect(await touches()).toEqual([answered]);
  // A copied address is no second arrival by that click.
  await see({ ads: 'granted' });
  expect((await touches())[0]).toEqual(answered);
}, 60_000);
