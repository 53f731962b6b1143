// The server of a soak: an engine whose clock jumps ahead every few seconds, so that months turn while it runs. Between
// the jumps time passes as it does, so visits are visits.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createHeadwater, orThrow } from 'headwater';
import { toNodeHandler } from 'headwater/node';

import { linkHost, linkKey } from './request.ts';

export interface SoakServerSettings {
  readonly url: string;
  readonly spoolFolder: string;
  readonly jumpEverySeconds: number;
  readonly jumpDays: number;
  readonly retentionDays: number;
}

export interface SoakServerAnswer {
  readonly port: number;
  readonly key: string;
}

process.once('message', (settings: SoakServerSettings) => {
  void start(settings);
});
process.on('disconnect', () => process.exit());

async function start(settings: SoakServerSettings): Promise<void> {
  let ahead = 0;
  const hw = await createHeadwater({
    database: { url: settings.url },
    secret: 'a secret for the benchmark and nothing else',
    links: { domains: [linkHost] },
    spoolFolder: settings.spoolFolder,
    clock: { now: () => Date.now() + ahead },
    limits: false,
    logger: {
      info: () => undefined,
      warn: (message, details) => console.error(message, details),
      error: (message, details) => console.error(message, details),
    },
  });
  await hw.migrate();
  orThrow(await hw.workspaces.update({ settings: { retentionDays: settings.retentionDays } }));
  orThrow(await hw.links.create({ domain: linkHost, key: linkKey, url: 'https://shop.example/' }));
  const { key } = orThrow(
    await hw.apiKeys.create({ kind: 'secret', name: 'Soak', scopes: ['admin'] }),
  );
  await hw.start();
  setInterval(() => {
    ahead += settings.jumpDays * 86_400_000;
  }, settings.jumpEverySeconds * 1000).unref();
  const handle = toNodeHandler(hw);
  const server = createServer((request, response) => {
    if (request.url === '/metrics') response.end(hw.metrics());
    else handle(request, response);
  });
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ port: (server.address() as AddressInfo).port, key });
  });
}
