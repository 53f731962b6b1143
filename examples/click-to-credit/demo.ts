// Two customers on their way from a click to a sale, and what each source gets for it.
import { createHeadwater, formatMoney, orThrow } from 'headwater';
import type { AttributionReport } from 'headwater';

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const day = 24 * 60 * 60 * 1000;
let now = Date.parse('2026-03-02T09:00:00Z');

await using hw = await createHeadwater({
  database: { folder: process.argv[2] ?? './click-to-credit-data' },
  links: { domains: ['go.shop.example'] },
  ownHosts: ['shop.example'],
  clock: { now: () => now },
});
await hw.migrate();
await hw.workspaces.update({ settings: { browserIdentify: 'trusted' } });

/** A browser: it keeps its cookies, follows our links and loads pages. */
function openBrowser() {
  const cookies = new Map<string, string>();
  const ask = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const headers = {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      ...(init.headers as Record<string, string>),
    };
    const answer = await hw.handler(new Request(url, { ...init, headers }));
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    return answer;
  };
  const send = (event: object): Promise<Response> =>
    ask('https://shop.example/hw/t/event', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'https://shop.example' },
      body: JSON.stringify(event),
    });
  return {
    load: (url: string, referrer = '') => send({ event_type: 'pageview', url, referrer }),
    async click(link: string): Promise<void> {
      const { headers } = await ask(link, { redirect: 'manual' });
      await this.load(headers.get('location') ?? '');
    },
    signUp: (id: string) => send({ event_type: 'identify', person_external_id: id }),
  };
}

const wait = (days: number): void => {
  now += days * day;
};

orThrow(
  await hw.links.create({
    domain: 'go.shop.example',
    key: 'spring',
    url: 'https://shop.example/spring',
    utmSource: 'newsletter',
    utmMedium: 'email',
    utmCampaign: 'spring',
  }),
);

// Ann finds the shop by an ad on her phone, and buys on her laptop after the newsletter.
const phone = openBrowser();
await phone.load('https://shop.example/?gclid=EAIaIQ', 'https://www.google.com/');
await phone.signUp('ann');
orThrow(await hw.events.lead({ externalId: 'ann' }));
wait(6);
const laptop = openBrowser();
await laptop.click('https://go.shop.example/spring');
await laptop.signUp('ann');
wait(1);
await laptop.load('https://shop.example/cart');
const order = { externalId: 'ann', amountMinor: 12_000n, currency: 'USD' };
const sale = orThrow(await hw.events.sale({ ...order, idempotencyKey: 'order-1' }));

// Ben reads about it, comes back by himself, and buys.
const tablet = openBrowser();
await tablet.load('https://shop.example/', 'https://blog.example/ten-best-shops');
wait(2);
await tablet.load('https://shop.example/');
await tablet.signUp('ben');
orThrow(await hw.events.sale({ externalId: 'ben', amountMinor: 5_000n, currency: 'USD' }));

// Cy only looks.
await openBrowser().load('https://shop.example/', 'https://www.google.com/');
wait(1);

const models = ['first_touch', 'last_non_direct', 'linear', 'markov'] as const;
const report = async (): Promise<void> =>
  print(orThrow(await hw.attribution.report({ dimension: 'channel', models })));

say('What each channel has brought:');
await report();

// Ann sends a third of her order back.
orThrow(
  await hw.events.track({
    type: 'refund',
    externalId: 'ann',
    amountMinor: 4_000n,
    currency: 'USD',
    refundOfKey: 'order-1',
  }),
);
say('\nAfter the refund of 40.00:');
await report();

say("\nWhy Ann's order is credited as it is:");
const explained = orThrow(
  await hw.attribution.explain(sale.eventId, { models: ['last_non_direct', 'last_paid'] }),
);
const names = new Map(explained.candidates.map((touch) => [touch.id, touch.channel]));
for (const { key, credits } of explained.models)
  for (const { touchId, amountMinor, reason } of credits) {
    const amount = formatMoney({ amountMinor, currency: 'USD' }).padStart(6);
    say(`${key.padEnd(16)} ${names.get(touchId)?.padEnd(12)} ${amount}  ${reason}`);
  }

function print({ rows, totals }: AttributionReport): void {
  say(['channel'.padEnd(16), ...models.map((model) => model.padStart(21))].join(''));
  for (const row of rows) {
    const cells = models.map((model) => {
      const { conversions = 0, revenue = [] } = row.credits[model] ?? {};
      const amount = revenue.map(formatMoney).join() || '0.00';
      return `${conversions.toFixed(2)}  ${amount.padStart(6)}`.padStart(21);
    });
    say([(row.value ?? row.kind).padEnd(16), ...cells].join(''));
  }
  say(`in all ${totals.conversions} sales, ${totals.revenue.map(formatMoney).join()} USD`);
}
