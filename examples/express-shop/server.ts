// A shop whose visitors come by campaigns and pay at Stripe: its signed messages become sales, the sales conversions at an
// ad platform, and the last page says what each source has brought.
import { createHeadwater, formatMoney, orThrow } from 'headwater';
import { toNodeHandler, toTrackingMiddleware } from 'headwater/node';
import type { TrackedRequest } from 'headwater/node';
import express from 'express';

const port = Number(process.env['PORT'] ?? 3000);
const hw = await createHeadwater({
  database: { folder: './.headwater' },
  links: { domains: [`localhost:${port}`], scheme: 'http' },
  // The endpoint for conversions is in the shop's own network.
  connectors: { allowPrivateNetworks: true },
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

// Stripe is told the address of this source, and tells it the secret that it signs messages with.
const [known] = await hw.payments.list();
const payments =
  known ??
  orThrow(
    await hw.payments.create({
      provider: 'stripe',
      secret: process.env['STRIPE_WEBHOOK_SECRET'],
    }),
  );

// Any HTTP endpoint here; `meta`, `google` and the others are switched on in the same way.
const conversionsUrl = process.env['CONVERSIONS_URL'];
if (conversionsUrl !== undefined)
  orThrow(
    await hw.connectors.enable('http', {
      eventTypes: ['sale'],
      credentials: { url: conversionsUrl },
    }),
  );

const products = new Map([
  ['spade', { name: 'Spade', amountMinor: 2_900n, paymentLink: 'test_spade' }],
  ['rake', { name: 'Rake', amountMinor: 1_900n, paymentLink: 'test_rake' }],
]);
/** Where Stripe's payment links are: https://docs.stripe.com/payment-links/url-parameters */
const paymentLinks = process.env['STRIPE_PAYMENT_LINKS'] ?? 'https://buy.stripe.com/';
const page = (title: string, body: string): string =>
  `<!doctype html><title>${title}</title><script src="/hw/js/headwater.js" defer></script><h1>${title}</h1>${body}`;

const app = express();
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
  addressToPay(product, email, request.headers.cookie)
    .then((address) => response.redirect(303, address))
    .catch(next);
});

/** The payment link of a product. Who pays is who came by the campaign, whatever they call themselves. */
async function addressToPay(id: string, email: string, cookies = ''): Promise<string> {
  const product = products.get(id);
  if (product === undefined) throw new Error('There is no such product');
  const address = new URL(product.paymentLink, paymentLinks);
  address.searchParams.set('prefilled_email', email);
  const anonymousId = /_hw_visitor=([\w-]{22})/.exec(cookies)?.[1];
  if (anonymousId !== undefined) {
    const { visitor } = orThrow(await hw.visitors.resolve({ anonymousId }));
    if (visitor !== undefined)
      address.searchParams.set('client_reference_id', `hw_visitor_${visitor.id}`);
  }
  return address.href;
}

app.get('/thanks', (request, response) => {
  const { source } = (request as TrackedRequest).headwater ?? {};
  response.send(page('Thank you', `<p>You came from ${source?.source ?? 'nowhere'}.</p>`));
});

// For the shop's own people: behind a sign-in, in a real one.
app.get('/report', (_request, response, next) => {
  report()
    .then((rows) =>
      response.send(
        page(
          'What each campaign has brought',
          `<table>${rows}</table><p>Stripe's messages go to <code>/hw${payments.path}</code>.</p>`,
        ),
      ),
    )
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
