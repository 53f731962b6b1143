import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createBrowserProof, orThrow } from 'headwater';
import { toNodeHandler } from 'headwater/node';
import { createTestHeadwater } from 'headwater/testing';
import type { TestClock, TestHeadwater } from 'headwater/testing';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

import { buildScript } from './sites.ts';

export type Json = Record<string, unknown>;

/** The REST API as the owner of the shop calls it. */
type Api = <T = Json>(method: string, path: string, body?: unknown) => Promise<T>;

/** A shop with its own customers, which has Headwater on another site and loads only the script from there. */
export interface Demo extends AsyncDisposable {
  readonly hw: TestHeadwater;
  readonly api: Api;
  readonly go: string;
  readonly shop: string;
}

/** Runs like the clocks of the pages do, and can be moved. */
function createRunningClock(): TestClock {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    advance({ days = 0, hours = 0, minutes = 0 }) {
      offset += ((days * 24 + hours) * 60 + minutes) * 60_000;
    },
    set(at) {
      offset = at.getTime() - Date.now();
    },
  };
}

export async function openDemo(mount: 'another site' | 'own site'): Promise<Demo> {
  const script = buildScript();
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const server = createServer((request, response) => answer(request, response)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const shop = `http://shop.test:${port}`;
  const go = `http://${mount === 'own site' ? 'go.shop.test' : 'go.test'}:${port}`;

  const hw = await createTestHeadwater({
    clock: createRunningClock(),
    links: { domains: [new URL(go).host], scheme: 'http' },
    ownHosts: [new URL(shop).host],
  });
  const { key } = orThrow(
    await hw.apiKeys.create({ kind: 'secret', name: 'shop', scopes: ['admin'] }),
  );
  const publishable = orThrow(
    await hw.apiKeys.create({ kind: 'publishable', name: 'pages', allowedHosts: ['shop.test'] }),
  );
  const workspace = await hw.workspaces.first();
  const headwater = toNodeHandler(hw);

  const api: Api = async (method, path, body) => {
    const response = await hw.handler(
      new Request(`${go}/hw/api${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    const value: unknown = await response.json();
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(value)}`);
    return value as never;
  };

  const tag =
    mount === 'own site'
      ? '<script src="/hw/js/headwater.js" defer></script>'
      : `<script src="${go}/hw/js/headwater.js" data-key="${publishable.key}" defer></script>`;
  /** A page of the shop; a customer who is logged in is made known to Headwater with a proof. */
  const shopPage = (
    customer: string | undefined,
  ): string => `<!doctype html><title>Shop</title>${tag}
    <nav><a href="/">Home</a> <a href="/pricing">Pricing</a></nav>
    <button onclick="history.pushState({}, '', '/tour')">Tour</button>
    <form method="post" action="/login"><input name="customer"><button>Log in</button></form>
    <form method="post" action="/buy"><button>Buy</button></form>
    ${
      customer === undefined
        ? ''
        : `<script type="module">
      headwater.identify(${JSON.stringify(customer)}, { proof: '${createBrowserProof(workspace, customer)}' });
    </script><p>Hello ${customer}</p>`
    }`;

  async function serveShop(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const customer = /(?:^|; )customer=([^;]*)/.exec(request.headers.cookie ?? '')?.[1];
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    if (request.url === '/login') {
      const name = form.get('customer') ?? '';
      response
        .writeHead(303, { location: '/welcome', 'set-cookie': `customer=${name}; HttpOnly` })
        .end();
    } else if (request.url === '/buy') {
      await api('POST', '/events', {
        event_type: 'sale',
        person_external_id: customer,
        amount_cents: 4900,
        currency: 'USD',
        idempotency_key: 'order-1',
      });
      response.writeHead(303, { location: '/thanks' }).end();
    } else if (request.url === '/favicon.ico') {
      response.writeHead(204).end();
    } else {
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end(shopPage(customer));
    }
  }

  answer = (request, response) => {
    const forHeadwater =
      request.headers.host?.startsWith('go.') === true || request.url?.startsWith('/hw/') === true;
    if (request.url === '/hw/js/headwater.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    } else if (forHeadwater) headwater(request, response);
    else
      serveShop(request, response).catch((error: unknown) =>
        response.writeHead(500).end(String(error)),
      );
  };

  return {
    hw,
    api,
    go,
    shop,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await hw.close();
    },
  };
}

/** What the page has sent is acknowledged, and so committed. */
export async function settle(page: Page): Promise<void> {
  expect(await page.evaluate(`headwater.flush()`)).toBe(true);
}

export async function follow(page: Page, label: string): Promise<void> {
  await Promise.all([page.waitForEvent('load'), page.getByText(label, { exact: true }).click()]);
  await settle(page);
}

export async function logIn(page: Page, customer: string): Promise<void> {
  await page.locator('[name=customer]').fill(customer);
  await follow(page, 'Log in');
  await page.getByText(`Hello ${customer}`).waitFor();
  await settle(page);
}
