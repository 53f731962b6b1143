/** docs/library.md, from top to bottom. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import { expect, it } from 'vitest';

import { openTestPool } from '../support/pool.ts';

it('runs every example of docs/library.md', async () => {
  const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'library.md'), 'utf8');
  const examples = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code).join('\n');
  await using application = await openTestPool();
  const { pool } = application;
  const hw = await createTestHeadwater({
    database: { pool },
    links: { domains: ['mybrand.link'], appSchemes: ['myapp'] },
    resolveTxt: () => Promise.resolve([]),
  });
  const logged: unknown[] = [];
  const names = {
    hw,
    orThrow,
    pool,
    createTestHeadwater,
    console: { log: (...words: unknown[]) => logged.push(words) },
  };

  const run = new AsyncFunction(
    ...Object.keys(names),
    `${examples}\nreturn { link, visitor, outcomes, proven, welcome, attribution, timeline };`,
  );
  const made = await run(...Object.values(names));

  expect(logged).toEqual([['invalid_link', { url: [expect.any(String)] }]]);
  expect(made).toMatchObject({
    outcomes: [
      { value: { outcome: 'accepted' } },
      { value: { outcome: 'rejected', code: 'visitor_not_found' } },
    ],
    proven: { ok: false, code: 'domain_not_proven' },
    welcome: { domainVerified: true },
    attribution: { path: [] },
    timeline: { events: [{ type: 'identify' }, { type: 'identify' }] },
  });
  await hw.events.flush();
  expect(await hw.visitors.getByExternalId('cust_456')).toMatchObject({
    status: 'lead',
    email: 'bob@example.com',
  });
  await hw.close();
});

const AsyncFunction = (async () => undefined).constructor as new (
  ...words: string[]
) => (...values: unknown[]) => Promise<unknown>;
