/** docs/client.md, from top to bottom, against a fake server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as client from '@headwater/client';
import * as postgres from '@headwater/client/postgres';
import * as testing from '@headwater/client/testing';
import { listen } from '@headwater/client/testing/node';
import { expect, it } from 'vitest';

import { openTestPool } from '../support/pool.ts';

it('runs every example of docs/client.md', async () => {
  const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'client.md'), 'utf8');
  const examples = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)]
    .map(([, code = '']) => code.replace(/^import .*$/gm, ''))
    .join('\n');
  const fake = testing.createFakeServer();
  await using server = await listen(fake);
  await using application = await openTestPool();
  const { pool } = application;
  await pool.query('create table account (id text primary key)');
  const connection = await pool.connect();
  const logged: unknown[] = [];
  const note = (...words: unknown[]) => void logged.push(words);
  const baseUrl = `${server.baseUrl}/hw`;
  const names = {
    ...client,
    ...postgres,
    ...testing,
    process: { env: { HEADWATER_KEY: 'hw_sk_test' } },
    user: { id: 'u1' },
    apiKey: 'hw_sk_test',
    baseUrl,
    log: { info: note, warn: note, error: note },
    pool,
    client: connection,
  };

  const run = new AsyncFunction(
    ...Object.keys(names),
    `${examples.replaceAll("'https://app.example/hw'", 'baseUrl')}\nreturn { result, report };`,
  );
  const made = await run(...Object.values(names));
  connection.release();
  client.resetConfiguration();

  const { eventId } = (made as { result: { value: { eventId: string } } }).result.value;
  expect(made).toMatchObject({ report: { delivered: 1, refused: 0, postponed: 0 } });
  expect(logged).toEqual([[`tracked ${eventId}`], [false, true], [[true, false]], [4, 4]]);
  expect(fake.requests.every(({ path }) => path.startsWith('/hw/api/v1/tracking/events'))).toBe(
    true,
  );
  expect(fake.events).toHaveLength(12);
});

const AsyncFunction = (async () => undefined).constructor as new (
  ...words: string[]
) => (...values: unknown[]) => Promise<unknown>;
