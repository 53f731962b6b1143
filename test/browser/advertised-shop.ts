import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createBrowserProof, orThrow } from 'headwater';
import { toNodeHandler } from 'headwater/node';
import { createTestHeadwater } from 'headwater/testing';
import type { TestClock, TestHeadwater } from 'headwater/testing';

import { goodCredentials, startAllPlatforms } from '../support/platforms/platforms.ts';
import type { Platforms } from '../support/platforms/stand-in.ts';
import { buildScript } from './sites.ts';

/** A shop that asks its visitors for consent, and tells every ad platform of its sales. */
export interface AdvertisedShop extends AsyncDisposable {
  readonly hw: TestHeadwater;
  readonly platforms: Platforms;
  readonly shop: string;
  readonly go: string;
  /** The id of the sale that was made last. */
  readonly saleId: () => string;
}

/** Runs like the clocks of the pages do, and can be moved. */
function createRunningClock(): TestClock {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    advance({ days = 0, hours = 0, minutes = 0, seconds = 0 }) {
      offset += (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
    },
    set(at) {
      offset = at.getTime() - Date.now();
    },
  };
}

/** Asks once, and passes the answer on with every page. */
const banner = `<button id="all">Accept all</button> <button id="some">Only statistics</button>
  <script type="module">
    const answer = (consent) => {
      localStorage.setItem('choices', JSON.stringify(consent));
      headwater.consent(consent);
    };
    document.getElementById('all').onclick = () => answer({ analytics: 'granted', ads: 'granted' });
    document.getElementById('some').onclick = () => answer({ analytics: 'granted', ads: 'denied' });
    const choices = localStorage.getItem('choices');
    if (choices !== null) headwater.consent(JSON.parse(choices));
  </script>`;

export async function openAdvertisedShop(): Promise<AdvertisedShop> {
  const script = buildScript();
  const clock = createRunningClock();
  const platforms = await startAllPlatforms({ now: () => clock.now() });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [shop, go] = [`http://shop.test:${port}`, `http://go.shop.test:${port}`];
  const hw = await createTestHeadwater({
    clock,
    links: { domains: [new URL(go).host], scheme: 'http' },
    ownHosts: [new URL(shop).host],
    connectors: { fetch: platforms.fetch },
    // These clicks are meant to be committed, however slow the machine is.
    clickPatience: { seconds: 10 },
  });
  for (const [type, credentials] of Object.entries(goodCredentials))
    orThrow(await hw.connectors.enable(type, { credentials }));
  const workspace = await hw.workspaces.first();
  let saleId = '';

  const pageFor = (customer: string | undefined): string => `<!doctype html><title>Shop</title>
    <script src="/hw/js/headwater.js" data-consent="pending" defer></script>${banner}
    <a href="/pricing">Pricing</a>
    <form method="post" action="/login"><button>Log in</button></form>
    <form method="post" action="/buy"><button>Buy</button></form>
    ${
      customer === undefined
        ? ''
        : `<script type="module">
      headwater.identify('${customer}', { proof: '${createBrowserProof(workspace, customer)}' });
    </script>`
    }`;

  /** The shop's own server knows the customer, and nothing of clicks and consent. */
  async function sell(customer: string, cookies: string): Promise<void> {
    const analytics = /(?:^|; )_ga=([^;]*)/.exec(cookies)?.[1];
    const { eventId } = orThrow(
      await hw.events.sale({
        externalId: customer,
        email: 'jane.doe@example.com',
        amountMinor: 4_999n,
        currency: 'USD',
        properties: { order_id: `order-of-${customer}` },
        ...(analytics !== undefined && { signals: { _ga: analytics } }),
      }),
    );
    saleId = eventId;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const cookies = request.headers.cookie ?? '';
    const customer = /(?:^|; )customer=([^;]*)/.exec(cookies)?.[1];
    if (request.url === '/login') {
      const headers = { location: '/welcome', 'set-cookie': 'customer=cust_42; HttpOnly' };
      response.writeHead(303, headers).end();
    } else if (request.url === '/buy') {
      await sell(customer ?? '', cookies);
      response.writeHead(303, { location: '/thanks' }).end();
    } else if (request.url === '/favicon.ico') {
      response.writeHead(204).end();
    } else {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(pageFor(customer));
    }
  }

  const headwater = toNodeHandler(hw);
  server.on('request', (request, response) => {
    const isForHeadwater =
      request.headers.host?.startsWith('go.') === true || request.url?.startsWith('/hw/') === true;
    if (request.url === '/hw/js/headwater.js')
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else if (isForHeadwater) headwater(request, response);
    else
      serve(request, response).catch((error: unknown) =>
        response.writeHead(500).end(String(error)),
      );
  });
  return {
    hw,
    platforms,
    shop,
    go,
    saleId: () => saleId,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await hw.close();
      await platforms[Symbol.asyncDispose]();
    },
  };
}
