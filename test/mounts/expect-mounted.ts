/** What an application has once Headwater is mounted in it, whatever the framework. */
import { orThrow } from 'headwater';
import { expect } from 'vitest';

import type { Known } from './mounted.ts';

const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
/** As a proxy passes requests on. */
const proxied = {
  'user-agent': browser,
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-host': 'shop.test',
  'x-forwarded-proto': 'https',
};

export interface Expectations {
  /** What the application answers for a path that nobody knows. @default 404 */
  readonly unknownStatus?: number;
  /** Whether the application logs the requests of its own API. @default true */
  readonly logsApi?: boolean;
  /** @default true: pages of the application come before links of the same name */
  readonly linksAreLast?: boolean;
  readonly ask?: (path: string, init?: RequestInit) => Promise<Response>;
}

/**
 * Asks for everything once. The application serves `/about` (the source of the page view), `/signup` (the name of the
 * invitation) and `/api/orders`; who is not let in goes to `/contact`.
 */
export async function expectMounted(
  { hw, key, invitation }: Known,
  origin: string,
  expectations: Expectations = {},
): Promise<void> {
  const { unknownStatus = 404, logsApi = true, linksAreLast = true } = expectations;
  const ask =
    expectations.ask ??
    ((path: string, init: RequestInit = {}) =>
      fetch(origin + path, { redirect: 'manual', ...init }));
  const get = (path: string): Promise<Response> => ask(path, { headers: proxied });
  const post = (path: string, body: object, headers: object = {}): Promise<Response> =>
    ask(path, {
      method: 'POST',
      headers: { ...proxied, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  const document = (await (await get('/hw/openapi.json')).json()) as { openapi: string };
  expect(document.openapi).toMatch(/^3\.1/);
  const script = await get('/hw/js/headwater.js');
  expect([script.status, script.headers.get('content-type')]).toEqual([
    200,
    'text/javascript; charset=utf-8',
  ]);

  const created = await post(
    '/hw/api/links',
    { domain: 'shop.test', key: 'made', url: 'https://shop.test/' },
    { authorization: `Bearer ${key}` },
  );
  expect(created.status).toBe(201);
  const refused = await post('/hw/api/links', {});
  expect([refused.status, await refused.json()]).toMatchObject([401, { code: 'unauthorized' }]);

  const viewed = await post('/hw/t/event', {
    event_type: 'pageview',
    url: 'https://shop.test/about',
  });
  expect(await viewed.json()).toMatchObject({ status: 'ok' });
  expect(viewed.headers.getSetCookie().join()).toMatch(/_hw_visitor=.*Secure/);

  const followed = await get('/launch');
  expect(followed.status).toBe(302);
  expect(followed.headers.get('location')).toMatch(/^https:\/\/shop\.test\/about\?hw_click=/);
  expect(followed.headers.getSetCookie()).toHaveLength(2);
  expect((await get('/unknown')).status).toBe(unknownStatus);

  const page = await get('/about?utm_source=news&utm_medium=email');
  if (linksAreLast) {
    expect([page.status, await page.text()]).toEqual([200, 'news']);
    expect(page.headers.getSetCookie().join()).toContain('_hw_visitor=');
  }

  const stranger = await get('/signup');
  expect([stranger.status, stranger.headers.get('location')]).toEqual([
    303,
    '/contact?error=missing_token',
  ]);
  expect((await get('/signup?invitation_token=wrong')).headers.get('location')).toBe(
    '/contact?error=invalid_token',
  );
  const invited = await get(`/signup?invitation_token=${invitation}`);
  expect([invited.status, await invited.text()]).toEqual([200, 'Friends']);
  const cookies = invited.headers.getSetCookie();
  expect(cookies.join()).toContain('_hw_ref=');
  const visitors = cookies.filter((cookie) => cookie.startsWith('_hw_visitor='));
  expect(new Set(visitors).size).toBe(1);

  expect(await (await get('/api/orders')).json()).toEqual([]);
  if (!logsApi || hw === undefined) return;
  const logged = async (): Promise<unknown[]> =>
    orThrow(await hw.events.list({ type: { in: ['api_request'] } })).events.map(({ name }) => name);
  await expect.poll(logged).toEqual(['GET /api/orders']);
}
