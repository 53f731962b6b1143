import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { PGlite } from '@electric-sql/pglite';
import { toNodeHandler } from 'headwater/node';
import { createTestHeadwater } from 'headwater/testing';
import type { TestHeadwater } from 'headwater/testing';

import { buildScript } from './sites.ts';

/** Pages of a shop with Headwater on their own host, and a short link on another one of the same site. */
export interface LiveShop extends AsyncDisposable {
  readonly hw: TestHeadwater;
  readonly shop: string;
  readonly go: string;
  /** The HTML of the pages that differ from the plain one, by path. */
  readonly pages: Map<string, string>;
  /** What was asked for on the host of the links: its path, and why where a browser says so. */
  readonly asked: string[];
  /** Rows as they were committed. */
  query<T>(sql: string): Promise<T[]>;
}

export async function openLiveShop(): Promise<LiveShop> {
  const script = buildScript();
  const pages = new Map<string, string>();
  const asked: string[] = [];
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [shop, go] = [`http://shop.test:${port}`, `http://go.shop.test:${port}`];

  const pglite = await PGlite.create();
  const hw = await createTestHeadwater({
    database: { pglite },
    clock: { now: () => Date.now() },
    links: { domains: [new URL(go).host], scheme: 'http' },
    ownHosts: [new URL(shop).host],
    // These clicks are meant to be committed, however slow the machine is.
    clickPatience: { seconds: 10 },
  });
  const headwater = toNodeHandler(hw);
  server.on('request', (request, response) => {
    const { pathname } = new URL(request.url ?? '/', shop);
    const purpose = request.headers['sec-purpose'] ?? request.headers['purpose'] ?? '';
    if (request.headers.host?.startsWith('go.') === true)
      asked.push(`${request.method} ${pathname} ${String(purpose)}`.trim());
    if (pathname === '/hw/js/headwater.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    } else if (pathname.startsWith('/hw/') || request.headers.host?.startsWith('go.') === true) {
      headwater(request, response);
    } else if (pathname === '/favicon.ico') {
      response.writeHead(204).end();
    } else {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(`<script src="/hw/js/headwater.js" defer></script>${pages.get(pathname) ?? ''}`);
    }
  });
  return {
    hw,
    shop,
    go,
    pages,
    asked,
    query: async <T>(sql: string) => (await pglite.query<T>(sql)).rows,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await hw.close();
      await pglite.close();
    },
  };
}
