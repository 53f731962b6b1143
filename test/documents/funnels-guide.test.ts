/** docs/funnels.md: its examples of the library from top to bottom, then those of the shell. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import { toNodeHandler } from 'headwater/node';
import { createTestClock, createTestHeadwater } from 'headwater/testing';
import { expect, it } from 'vitest';

import { createShell, shellCommands } from '../support/shell.ts';

it('runs every example of docs/funnels.md', async () => {
  const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'funnels.md'), 'utf8');
  const server = createServer();
  server.listen(0);
  await once(server, 'listening');
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  const clock = createTestClock(new Date('2026-11-20T12:00:00Z'));
  const hw = await createTestHeadwater({ clock });
  server.on('request', toNodeHandler(hw));
  const url = 'https://acme.test/pricing?utm_source=news&utm_medium=email';
  for (const externalId of ['ada', 'bob'])
    orThrow(await hw.visitors.identify({ externalId, anonymousId: externalId }));
  for (const [externalId, type] of [
    ['ada', 'pageview'],
    ['bob', 'pageview'],
    ['ada', 'registration'],
    ['bob', 'registration'],
    ['ada', 'sale'],
  ] as const) {
    clock.advance({ minutes: 1 });
    const what = { type, externalId, ...(type === 'pageview' && { url }) };
    orThrow(await hw.events.track(what));
  }

  const examples = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code).join('\n');
  const run = new AsyncFunction('hw', 'orThrow', `${examples}\nreturn { report, lost, once };`);
  const bob = (await hw.visitors.getByExternalId('bob'))!;
  expect(await run(hw, orThrow)).toMatchObject({
    report: {
      entered: 2,
      converted: 1,
      secondsToConvert: { median: 240 },
      breakdown: { groups: [{ entered: 2, converted: 1 }], others: [0, 0, 0] },
    },
    lost: { people: [{ visitorId: bob.id, reachedAt: [expect.any(Date), expect.any(Date)] }] },
    once: { entered: 0 },
  });

  const shell = createShell(host, {
    KEY: orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'Guide' })).key,
  });
  const answers: unknown[] = [];
  for (const command of shellCommands(guide)) answers.push(await shell.curl(command));
  expect(answers).toMatchObject([
    { status: 201, body: { name: 'Links to sale' } },
    { status: 200, body: [{ name: 'Links to sale' }] },
    { status: 200, body: { entered: 2, converted: 1 } },
  ]);
  await hw.close();
  server.close();
});

const AsyncFunction = (async () => undefined).constructor as new (
  ...words: string[]
) => (...values: unknown[]) => Promise<unknown>;
