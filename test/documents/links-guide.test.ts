/** docs/links.md: its examples of the library from top to bottom, then those of the shell. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import { toNodeHandler } from 'headwater/node';
import { createTestHeadwater } from 'headwater/testing';
import { expect, it } from 'vitest';

import { createShell, shellCommands } from '../support/shell.ts';

it('runs every example of docs/links.md', async () => {
  const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'links.md'), 'utf8');
  const server = createServer();
  server.listen(0);
  await once(server, 'listening');
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  const hw = await createTestHeadwater({ links: { domains: [host, 'mybrand.link'] } });
  server.on('request', toNodeHandler(hw));
  orThrow(await hw.links.create({ domain: host, key: 'launch', url: 'https://example.com/' }));

  const examples = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code).join('\n');
  const run = new AsyncFunction(
    'hw',
    'orThrow',
    `${examples}\nreturn { link, code, share, best };`,
  );
  const made = (await run(hw, orThrow)) as Record<string, unknown>;
  expect(made).toMatchObject({
    link: { key: 'Launch', iosUrl: 'myapp://pricing' },
    code: { contentType: 'image/png', body: expect.any(Uint8Array) as unknown },
    share: {
      twitter: expect.stringMatching(
        /^https:\/\/twitter\.com\/intent\/tweet\?url=https%3A%2F%2Fmybrand\.link%2FLaunch&text=/,
      ) as string,
    },
    best: { links: [{ key: 'Launch' }, { key: 'launch' }] },
  });
  expect(await hw.links.getByKey('mybrand.link', 'LAUNCH')).toMatchObject({ key: 'Launch' });

  const shell = createShell(host, {
    KEY: orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'Guide' })).key,
  });
  const answers: unknown[] = [];
  for (const command of shellCommands(guide)) {
    if (command.startsWith('curl ')) answers.push(await shell.curl(command));
  }
  expect(answers).toMatchObject([
    { status: 200, body: expect.stringContaining('PNG') as string },
    { status: 200, body: [{ key: 'launch' }, { key: 'Launch' }] },
    { status: 200, body: 'served\n' },
  ]);
  await hw.close();
  server.close();
});

const AsyncFunction = (async () => undefined).constructor as new (
  ...words: string[]
) => (...values: unknown[]) => Promise<unknown>;
