import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

describe('Sec-GPC', () => {
  let pglite: PGlite;
  let hw: TestHeadwater;
  beforeAll(async () => {
    pglite = await PGlite.create();
    // These clicks are meant to be committed, however slow the machine is.
    const clickPatience = { seconds: 10 };
    const links = { domains: ['shop.test'] };
    hw = await createTestHeadwater({ database: { pglite }, links, clickPatience });
    orThrow(
      await hw.links.create({ domain: 'shop.test', key: 'go', url: 'https://www.shop.test/' }),
    );
  }, 60_000);
  afterAll(async () => {
    await hw.close();
    await pglite.close();
  });
  beforeEach(() => pglite.query('delete from headwater.touch'));

  async function ask(path: string, gpc: boolean, body?: unknown): Promise<void> {
    const headers = { host: 'shop.test', 'user-agent': chrome, ...(gpc && { 'sec-gpc': '1' }) };
    const init =
      body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
    const response = await hw.handler(new Request(`http://shop.test${path}`, init));
    expect([200, 302]).toContain(response.status);
  }

  it.each([
    ['a followed link', '/go', undefined],
    ['a landing', '/hw/t/event', { url: 'http://shop.test/?utm_source=mail' }],
    ['a reported click', '/hw/t/click', { key: 'go', url: 'http://shop.test/?via=go' }],
  ])('is kept on the touch of %s', async (_name, path, body) => {
    await ask(path, true, body);
    await ask(path, false, body);
    const { rows } = await pglite.query('select consent from headwater.touch order by id');
    expect(rows).toEqual([{ consent: { gpc: true } }, { consent: null }]);
  });
});
