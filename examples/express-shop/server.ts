// A shop whose visitors come by campaigns: each order is a sale, and the last page says what each source has brought.
import { createHeadwater, formatMoney, orThrow } from 'headwater';
import { toNodeHandler, toTrackingMiddleware } from 'headwater/node';
import type { TrackedRequest } from 'headwater/node';
import express from 'express';
import { readFile } from 'node:fs/promises';

const port = Number(process.env['PORT'] ?? 3000);
const hw = await createHeadwater({
  database: { folder: './.headwater' },
  links: { domains: [`localhost:${port}`], scheme: 'http' },
});
await hw.migrate();
await hw.start();
if (orThrow(await hw.links.list()).links.length === 0)
  orThrow(
    await hw.links.create({
      domain: `localhost:${port}`,
      key: 'spring',
      url: `http://localhost:${port}/`,
      utmSource: 'newsletter',
      utmMedium: 'email',
      utmCampaign: 'spring',
    }),
  );

const script = await readFile(new URL(import.meta.resolve('@headwater/browser/headwater.js')));
const products = new Map([
  ['spade', { name: 'Spade', amountMinor: 2_900n }],
  ['rake', { name: 'Rake', amountMinor: 1_900n }],
]);
const page = (title: string, body: string): string =>
  `<!doctype html><title>${title}</title><script src="/hw/js/headwater.js" defer></script><h1>${title}</h1>${body}`;

const app = express();
app.get('/hw/js/headwater.js', (_request, response) => {
  response.type('text/javascript').send(script);
});
app.use(toTrackingMiddleware(hw));

app.get('/', (_request, response) => {
  const items = [...products].map(
    ([id, { name, amountMinor }]) =>
      `<li>${name}, ${formatMoney({ amountMinor, currency: 'USD' })} USD
<form method="post" action="/orders"><input type="hidden" name="product" value="${id}">
<input name="email" type="email" aria-label="Email for ${name}" required><button>Buy ${name}</button></form></li>`,
  );
  response.send(page('Garden tools', `<ul>${items.join('')}</ul>`));
});

app.post('/orders', express.urlencoded(), (request, response, next) => {
  const { product, email } = request.body as { product: string; email: string };
  placeOrder(product, email, request.headers.cookie)
    .then(() => response.redirect(303, '/thanks'))
    .catch(next);
});

async function placeOrder(id: string, email: string, cookies = ''): Promise<void> {
  const product = products.get(id);
  if (product === undefined) throw new Error('There is no such product');
  // Who buys is who came by the campaign, whatever they call themselves.
  const anonymousId = /_hw_visitor=([\w-]{22})/.exec(cookies)?.[1];
  orThrow(
    await hw.events.track(
      {
        type: 'sale',
        email,
        ...(anonymousId !== undefined && { anonymousId }),
        amountMinor: product.amountMinor,
        currency: 'USD',
        idempotencyKey: `order-${crypto.randomUUID()}`,
        properties: { product: id },
      },
      { createsVisitor: true },
    ),
  );
}

app.get('/thanks', (request, response) => {
  const { source } = (request as TrackedRequest).headwater ?? {};
  response.send(page('Thank you', `<p>You came from ${source?.source ?? 'nowhere'}.</p>`));
});

// For the shop's own people: behind a sign-in, in a real one.
app.get('/report', (_request, response, next) => {
  report()
    .then((rows) => response.send(page('What each campaign has brought', `<table>${rows}</table>`)))
    .catch(next);
});

async function report(): Promise<string> {
  const model = 'last_non_direct';
  const { rows } = orThrow(await hw.attribution.report({ dimension: 'campaign', models: [model] }));
  return rows
    .map(({ value, kind, credits }) => {
      const revenue = credits[model]?.revenue ?? [];
      return `<tr><td>${value ?? kind}<td>${revenue.map(formatMoney).join()} USD`;
    })
    .join('');
}

app.use(toNodeHandler(hw));
const server = app.listen(port);
process.once('SIGTERM', () => server.close(() => void hw.close()));
