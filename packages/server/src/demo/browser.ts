import type { Headwater } from 'headwater';

import { linkHost, shopHost } from './shop.ts';

/** A browser of somebody: it keeps its cookies, follows links and loads pages. */
export interface SimulatedBrowser {
  load(path: string, referrer?: string): Promise<void>;
  click(key: string): Promise<void>;
  identify(externalId: string): Promise<void>;
  lead(): Promise<void>;
  buy(amountMinor: number, currency: string, order: string): Promise<void>;
}

export function openBrowser(
  hw: Headwater,
  {
    userAgent,
    remoteAddress,
    consent,
  }: {
    readonly userAgent: string;
    readonly remoteAddress: string;
    /** What its user has answered, where anybody asked. */
    readonly consent: Readonly<Record<string, 'granted' | 'denied'>> | undefined;
  },
): SimulatedBrowser {
  const cookies = new Map<string, string>();

  async function ask(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = {
      'user-agent': userAgent,
      cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      ...(init.headers as Record<string, string>),
    };
    const answer = await hw.handler(new Request(url, { ...init, headers }), { remoteAddress });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    if (answer.status >= 400) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  async function send(event: object): Promise<void> {
    await ask(`https://${shopHost}/hw/t/event`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: `https://${shopHost}` },
      body: JSON.stringify({ ...event, ...(consent !== undefined && { consent }) }),
    });
  }

  const load = (url: string, referrer = ''): Promise<void> =>
    send({ event_type: 'pageview', url, referrer });
  return {
    load: (path, referrer) => load(`https://${shopHost}${path}`, referrer),
    async click(key) {
      const { headers } = await ask(`https://${linkHost}/${key}`, { redirect: 'manual' });
      await load(headers.get('location') ?? `https://${shopHost}/`);
    },
    identify: (externalId) => send({ event_type: 'identify', person_external_id: externalId }),
    lead: () => send({ event_type: 'lead', url: `https://${shopHost}/welcome` }),
    buy: (amountMinor, currency, order) =>
      send({
        event_type: 'sale',
        amount_cents: amountMinor,
        currency,
        url: `https://${shopHost}/checkout`,
        properties: { order },
      }),
  };
}
