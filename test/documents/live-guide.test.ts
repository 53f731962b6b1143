/** docs/live.md: its examples of the library from top to bottom, then the stream of the shell. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import { toApiRequestMiddleware, toNodeHandler, toTrackingMiddleware } from 'headwater/node';
import { createTestHeadwater } from 'headwater/testing';
import { expect, it } from 'vitest';

import { shellCommands } from '../support/shell.ts';

const browser = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36',
};

it('runs every example of docs/live.md', async () => {
  const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'live.md'), 'utf8');
  const server = createServer();
  const origin = await listen(server);
  const hw = await createTestHeadwater({ links: { domains: [new URL(origin).host] } });
  server.on('request', toNodeHandler(hw));
  const link = orThrow(await hw.links.create({ key: 'launch', url: 'https://example.com/' }));
  orThrow(await hw.visitors.identify({ externalId: 'cust_1' }));

  // Somebody follows the link and buys, as soon as the application listens.
  const positions: unknown[] = [];
  const logged: unknown[] = [];
  const remembered = Promise.withResolvers<void>();
  const names = {
    hw: {
      ...hw,
      live: {
        ...hw.live,
        async subscribe(...words: Parameters<typeof hw.live.subscribe>) {
          const subscribed = await hw.live.subscribe(...words);
          if (positions.length > 0) return subscribed;
          redirect = await fetch(`${origin}/launch`, { redirect: 'manual', headers: browser });
          await hw.events.sale({ externalId: 'cust_1', amountMinor: 4_900n, currency: 'USD' });
          await remembered.promise;
          return subscribed;
        },
      },
    },
    orThrow,
    toTrackingMiddleware,
    toApiRequestMiddleware,
    express: createApplication,
    hono: { use: (given: HonoMiddleware) => middlewares.push(given) },
    sales: [] as unknown[],
    clicks: [] as unknown[],
    remember: (position: unknown) => {
      if (positions.push(position) === 3) remembered.resolve();
    },
    console: { log: (...words: unknown[]) => logged.push(words) },
  };
  let redirect: Response | undefined;
  const middlewares: HonoMiddleware[] = [];
  const examples = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code).join('\n');
  const run = new AsyncFunction(
    ...Object.keys(names),
    `${examples}\nreturn { app, again, remove };`,
  );
  const { app } = (await run(...Object.values(names))) as { app: Application };

  // Hooks are called after whoever waited for the commit.
  await new Promise((resolve) => setImmediate(resolve));
  expect(redirect?.headers.getSetCookie().join()).toContain('partner_id=abc; ');
  expect(redirect?.headers.get('x-campaign')).toBe('spring');
  expect(names.sales).toEqual([[4_900n, 'USD', expect.any(String)]]);
  expect(names.clicks).toHaveLength(1);
  expect(logged).toEqual([
    ['link_click', expect.any(String)],
    [link.id, true],
    ['sale', expect.any(String)],
  ]);

  const pages = createServer(app.listener);
  const pagesOrigin = await listen(pages);
  const page = await fetch(`${pagesOrigin}/signup?utm_source=newsletter`, { headers: browser });
  expect(await page.text()).toBe('Welcome from newsletter');
  expect(page.headers.getSetCookie()).toHaveLength(1);
  const set: string[] = [];
  for (const middleware of middlewares)
    await middleware(
      {
        req: { raw: new Request('https://shop.test/api/orders', { headers: browser }) },
        res: new Response('ok', { status: 202 }),
        get: () => 'cust_1',
        set: () => undefined,
        header: (name) => set.push(name),
      },
      () => Promise.resolve(),
    );
  expect(set).toEqual(['referrer-policy', 'set-cookie']);

  expect(await (await fetch(`${pagesOrigin}/api/orders?token=secret`)).text()).toContain('Welcome');
  const customer = await hw.visitors.getByExternalId('cust_1');
  const requests = async () =>
    orThrow(await hw.visitors.timeline(customer!.id))
      .events.filter(({ type }) => type === 'api_request')
      .map(({ name, properties }) => [name, properties?.['status']]);
  await expect.poll(requests).toEqual([
    ['GET /api/orders', 200],
    ['GET /api/orders', 202],
  ]);

  const { key } = orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'Guide' }));
  const [command] = shellCommands(guide);
  const stream = await fetch(
    /"(http[^"]+)"/.exec(command!)![1]!.replace('http://localhost:4400', origin),
    {
      headers: { authorization: `Bearer ${key}` },
    },
  );
  const chunks = stream.body!.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  expect((await chunks.next()).value).toMatch(/^retry: 1000\nid: \d+:\d+:/);
  await fetch(`${origin}/launch`, { redirect: 'manual', headers: browser });
  expect((await chunks.next()).value).toMatch(
    /^id: \S+\nevent: link_click\ndata: \{"type":"link_click","topic":"link_clicks:[^"]+","workspace_id":"[^"]+","link_id":"[^"]+","unique":true,"event":\{/,
  );
  await chunks.return?.();
  await hw.close();
  server.close();
  pages.close();
});

type HonoMiddleware = (
  c: {
    readonly req: { readonly raw: Request };
    readonly res: Response;
    get(name: string): unknown;
    set(name: string, value: unknown): void;
    header(name: string, value: string): void;
  },
  next: () => Promise<void>,
) => Promise<void>;

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;
type Middleware = ReturnType<typeof toTrackingMiddleware>;

interface Application {
  readonly listener: RequestListener;
  use(middleware: Middleware): void;
  get(path: string, handler: Handler): void;
}

/** As much of Express as the examples need. */
function createApplication(): Application {
  const used: Middleware[] = [];
  let page: Handler;
  return {
    listener: (request, response) => {
      Object.assign(request, { user: { id: 'cust_1' } });
      const [first, second] = used;
      first!(request, response, () =>
        second!(request, response, () => void page(request, response)),
      );
    },
    use: (given) => used.push(given),
    get: (_path, handler) => (page = handler),
  };
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  server.listen(0);
  await once(server, 'listening');
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

const AsyncFunction = (async () => undefined).constructor as new (
  ...words: string[]
) => (...values: unknown[]) => Promise<unknown>;
