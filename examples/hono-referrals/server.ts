// An API with accounts and referral codes: who signs up by a friend's address was referred by the friend.
import { serve } from '@hono/node-server';
import { createHeadwater, orThrow, publicCodeMessage } from 'headwater';
import { toHonoMiddleware, toHonoTracking } from 'headwater/web';
import { Hono } from 'hono';
import type { Tracking } from 'headwater';

const port = Number(process.env['PORT'] ?? 3000);
const hw = await createHeadwater({
  database: { folder: './.headwater' },
  links: { domains: [`localhost:${port}`], scheme: 'http' },
});
await hw.migrate();
await hw.start();

interface Account {
  readonly id: string;
  readonly name: string;
  readonly code: string;
}
const accounts = new Map<string, Account>();

const app = new Hono<{ Variables: { headwater: Tracking | undefined } }>();
app.use(toHonoTracking(hw));

app.get('/', async (c) => {
  const landing = await hw.referrals.readLanding(c.req.raw);
  for (const [name, value] of landing.headers) c.header(name, value, { append: true });
  const greeting = landing.code === undefined ? 'Welcome' : 'A friend sent you';
  return c.html(`<!doctype html><title>Accounts</title><h1>${greeting}</h1>
<form method="post" action="/accounts"><input name="name" aria-label="Name" required><button>Sign up</button></form>`);
});

app.post('/accounts', async (c) => {
  const { name } = await c.req.parseBody();
  const id = crypto.randomUUID();
  const { code } = orThrow(await hw.referrals.createCode({ creatorId: id }));
  // Whoever they were before, they are this account from now on.
  const anonymousId = /_hw_visitor=([\w-]{22})/.exec(c.req.header('cookie') ?? '')?.[1];
  const who = anonymousId === undefined ? {} : { anonymousId };
  orThrow(
    await hw.events.track(
      { type: 'registration', externalId: id, ...who },
      { createsVisitor: true },
    ),
  );
  const landing = await hw.referrals.readLanding(c.req.raw);
  if (landing.code !== undefined) {
    const redeemed = await hw.referrals.redeem(landing.code, { entity: ['user', id], ...who });
    if (!redeemed.ok) return c.text(publicCodeMessage, 422);
  }
  accounts.set(id, { id, name: typeof name === 'string' ? name : '', code });
  c.header(...(await hw.referrals.forgetLanding(false)), { append: true });
  return c.redirect(`/accounts/${id}`);
});

app.get('/accounts/:id', async (c) => {
  const account = accounts.get(c.req.param('id'));
  if (account === undefined) return c.notFound();
  const { referrals } = orThrow(await hw.referrals.list({ referrer: ['user', account.id] }));
  const address = `http://localhost:${port}/?ref=${account.code}`;
  return c.html(`<!doctype html><title>Account</title><h1>Your account</h1>
<p>Tell your friends: <a href="${address}">${address}</a></p><p>Referred: <b>${referrals.length}</b></p>`);
});

app.use(toHonoMiddleware(hw));
const server = serve({ fetch: app.fetch, port });
process.once('SIGTERM', () => server.close(() => void hw.close()));
