import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';

import * as client from '@headwater/client';
import { createFakeServer, createFakeTime } from '@headwater/client/testing';
import { expect, it } from 'vitest';

import { version } from './version.ts';

const apiKey = 'hw_sk_do"not\\print';

function printed(value: unknown): string {
  return [
    inspect(value, { depth: 20, showHidden: true, getters: true }),
    JSON.stringify(value) ?? '',
  ].join('\n');
}

it('prints no key with a client, an outbox or the module', () => {
  const options = { apiKey, project: 'shop', baseUrl: 'https://shop.test' };
  const store = {} as client.OutboxStore<unknown>;
  client.configure(options);
  for (const value of [
    client.createTracking(options),
    client.createOutbox({ ...options, store }),
    client,
  ])
    expect(printed(value)).not.toMatch(/do"?not/);
  client.resetConfiguration();
});

it('prints no key with a result, whatever the server and the network say about it', async () => {
  const echo = { error: `Invalid token ${apiKey}`, errors: { key: [`is ${apiKey}`] } };
  const fetches = [
    ...[202, 401, 422, 503, 418].map((status) => createFakeServer({ status, body: echo }).fetch),
    createFakeServer({ status: 418, body: { deep: [{ [`x`]: apiKey }] } }).fetch,
    () => Promise.reject(new TypeError(`"Bearer ${apiKey}" is an invalid header value`)),
    () =>
      Promise.reject(
        new TypeError('fetch failed', {
          cause: Object.assign(new Error(`connect ${apiKey}`), { code: 'EPIPE' }),
        }),
      ),
  ];
  for (const fetch of fetches) {
    const options = { apiKey, project: 'shop', baseUrl: 'https://shop.test', maxRetries: 0 };
    const tracking = client.createTracking({ ...options, fetch, time: createFakeTime() });
    const result = await tracking.trackRegistration({ userId: 1 });
    expect(printed(result)).not.toMatch(/do\\*"?not/);
  }
});

it('says its version as the package does', () => {
  const file = join(import.meta.dirname, '..', 'package.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version });
});
