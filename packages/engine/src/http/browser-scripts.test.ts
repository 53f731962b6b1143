import { createTestHeadwater } from 'headwater/testing';
import { afterAll, expect, it } from 'vitest';

const hw = await createTestHeadwater({ basePath: '/ga' });
afterAll(() => hw.close());

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  hw.handler(new Request(`https://shop.test/ga/js/${path}`, { method, headers }));

it.each([
  'headwater.js',
  'headwater-interactions.js',
  'headwater-fingerprint.js',
  'headwater-referral.js',
  'good-analytics.js',
])('an engine gives pages %s, for an hour and to any site', async (name) => {
  const answer = await ask(name);
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': expect.stringContaining('max-age=3600'),
    'access-control-allow-origin': '*',
  });
  expect(await answer.text()).toMatch(/^"use strict";/);
});

it('says that a script has not changed', async () => {
  const etag = (await ask('headwater.js')).headers.get('etag')!;
  const again = await ask('headwater.js', { 'if-none-match': etag });
  expect([again.status, await again.text()]).toEqual([304, '']);
  const head = await ask('headwater.js', {}, 'HEAD');
  expect([head.status, await head.text()]).toEqual([200, '']);
});

it.each(['package.json', 'index.js', 'nothing.js', '..%2Findex.js', '%00.js', ''])(
  'gives no other file away: %j',
  async (name) => {
    const answer = await ask(name);
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'not_found' }]);
  },
);
