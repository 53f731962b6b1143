import axeCore from 'axe-core';
import { createHeadwater, orThrow } from 'headwater';
import type { Headwater } from 'headwater';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

import { simulate, simulationOptions } from '../../packages/server/src/demo/simulate.ts';
import { createSimulatedClock } from '../../packages/server/src/demo/simulated-clock.ts';
import { createServer } from '../../packages/server/src/server.ts';
import { launchBrowser } from './browser.ts';
import { showPartnerProgram } from './partner-program.ts';

/** The dashboard on a real server with the simulated shop, and a browser that is signed in. */
export interface Dashboard extends AsyncDisposable {
  readonly hw: Headwater;
  /** Where its views are: `http://localhost:…/hw`. */
  readonly address: string;
  readonly secretKey: string;
  /** A page that is signed in. What it says on its console is an error of the test that asks. */
  newPage(settings?: BrowserContextOptions): Promise<Page>;
  /** Errors of the pages' consoles so far. */
  readonly complaints: string[];
}

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

export async function openDashboard(settings: {
  readonly folder: string;
  readonly visitors: number;
  readonly days?: number;
}): Promise<Dashboard> {
  const { folder, ...size } = settings;
  const clock = createSimulatedClock();
  const hw = await createHeadwater({
    database: { folder },
    ...simulationOptions(clock),
    // Receivers of tests are on this machine.
    webhooks: { allowPrivateNetworks: true },
    logger: quiet,
  });
  await hw.migrate();
  if ((await hw.workspaces.first()).slug !== 'demo') await simulate({ hw, clock, ...size });
  while ((await hw.analytics.rollUp()).goesOn);
  const { key } = orThrow(
    await hw.apiKeys.create({ kind: 'secret', name: 'Dashboard', scopes: ['admin'] }),
  );
  const server = createServer(hw, { basePath: '/hw', logger: quiet });
  const port = await server.listen(0, '127.0.0.1');
  const browser: Browser = await launchBrowser();
  const complaints: string[] = [];
  return {
    hw,
    address: `http://localhost:${port}/hw`,
    secretKey: key,
    complaints,
    async newPage(options = {}) {
      const context = await browser.newContext(options);
      await context.addInitScript(
        `sessionStorage.setItem('headwater-key', ${JSON.stringify(key)})`,
      );
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      return page;
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await server.stop(100);
      await hw.close();
    },
  };
}

/** Every view by its name, at an address that has something to show. */
export async function dashboardViews({
  hw,
}: Pick<Dashboard, 'hw'>): Promise<Record<string, string>> {
  const { links } = orThrow(await hw.links.list({ limit: 1 }));
  const steered = await steeredLink(hw);
  const { events } = orThrow(
    await hw.events.list({
      type: { in: ['sale'] },
      limit: 100,
      from: new Date(Date.now() - 50 * 86_400_000),
    }),
  );
  // Of whoever has bought most, because there is most to see.
  const bought = Map.groupBy(events, ({ personId }) => personId);
  const [sale] = [...bought.values()].reduce((one, other) =>
    other.length > one.length ? other : one,
  );
  const { invitations } = orThrow(await hw.invitations.list({ limit: 1 }));
  const { codes } = orThrow(await hw.referrals.listCodes({ limit: 1 }));
  const { dispatches } = orThrow(await hw.connectors.dispatches.list({ limit: 1 }));
  const { webhooks } = orThrow(await hw.webhooks.list());
  const [source] = await hw.payments.list();
  const { funnels } = orThrow(await hw.funnels.list({ limit: 1 }));
  const { programId, partnerId, batchId } = await showPartnerProgram(hw);
  return {
    overview: '/overview',
    'overview-filtered': '/overview?period=90d&filters=["channel:Email"]&metric=revenue',
    start: '/start',
    live: '/live',
    links: '/links',
    'link-new': '/links/new',
    link: `/links/${links[0]!.id}`,
    'link-edit': `/links/${links[0]!.id}/edit`,
    'link-edit-rules': `/links/${steered}/edit`,
    'link-simulator': `/links/${steered}?tab=simulator&country=AT&device=iphone`,
    'link-variants': `/links/${steered}?tab=variants`,
    'link-history': `/links/${steered}?tab=history`,
    'links-import': '/links/import',
    'links-labels': '/links/labels',
    'links-labels-tags': '/links/labels?tab=tags',
    'links-labels-templates': '/links/labels?tab=templates',
    visitors: '/visitors',
    visitor: `/visitors/${sale!.personId}`,
    'visitor-path': `/visitors/${sale!.personId}?tab=path`,
    'visitor-visits': `/visitors/${sale!.personId}?tab=visits`,
    'visitor-dispatches': `/visitors/${sale!.personId}?tab=dispatches`,
    'visitor-identity': `/visitors/${sale!.personId}?tab=identity`,
    'visitor-privacy': `/visitors/${sale!.personId}?tab=privacy`,
    attribution: '/attribution',
    conversion: `/conversions/${sale!.id}`,
    funnels: '/funnels',
    'funnel-new': '/funnels/new',
    ...(funnels[0] !== undefined && { funnel: `/funnels/${funnels[0].id}?by=channel` }),
    retention: '/retention?period=90d',
    session: `/sessions/${sale!.sessionId}`,
    events: '/events',
    invitations: '/invitations',
    invitation: `/invitations/${invitations[0]!.id}`,
    codes: '/codes',
    code: `/codes/${codes[0]!.id}`,
    referrals: '/referrals',
    rewards: '/rewards',
    'rewards-rules': '/rewards?tab=rules',
    ledger: '/ledger',
    'ledger-account': '/ledger?account=friend_maya10',
    waitlist: '/waitlist',
    partners: '/partners',
    partner: `/partners/${partnerId}`,
    'partner-commissions': `/partners/${partnerId}?tab=commissions`,
    'partner-payouts': `/partners/${partnerId}?tab=payouts`,
    'partner-coupons': `/partners/${partnerId}?tab=coupons`,
    'partner-page': `/partners/${partnerId}?tab=page`,
    'partner-programs': '/programs',
    'partner-program': `/programs/${programId}`,
    commissions: '/commissions',
    review: '/review',
    payouts: '/payouts',
    'payouts-history': '/payouts?tab=history',
    'payout-batch': `/payouts/${batchId}`,
    connectors: '/connectors',
    connector: '/connectors/meta',
    dispatches: '/dispatches?period=90d',
    dispatch: `/dispatches/${dispatches[0]!.id}`,
    claims: '/claims?period=90d',
    webhooks: '/webhooks',
    webhook: `/webhooks/${webhooks[0]!.id}`,
    payments: '/payments',
    'payment-source': `/payments/${source!.id}`,
    settings: '/settings',
    'settings-referrals': '/settings?tab=referrals',
    'settings-domains': '/settings?tab=domains',
    'settings-keys': '/settings?tab=keys',
    'settings-channels': '/settings?tab=channels',
    'settings-privacy': '/settings?tab=privacy',
    'settings-data': '/settings?tab=data',
    'settings-audit': '/settings?tab=audit',
    'not-found': '/overview/nothing',
  };
}

/** A link with rules and a test that people have come by, a folder and templates: made once for a folder of data. */
async function steeredLink(hw: Headwater): Promise<string> {
  const key = 'summer';
  const { links } = orThrow(await hw.links.list({ search: key }));
  const made = links.find((link) => link.key === key);
  if (made !== undefined) return made.id;
  const folder = orThrow(await hw.links.folders.create({ name: 'Summer campaign' }));
  orThrow(await hw.links.utmTemplates.create({ name: 'Newsletter', utmSource: 'newsletter' }));
  const link = orThrow(
    await hw.links.create({
      key,
      url: 'https://shop.example/summer',
      tags: ['summer'],
      folderId: folder.id,
      healthCheck: true,
      routing: {
        version: 1,
        limits: { clicks: { max: 5_000, url: 'https://shop.example/sold-out' } },
        rules: [
          {
            name: 'Customers in Germany',
            when: [
              { kind: 'country', in: ['DE', 'AT'] },
              { kind: 'visitor', is: 'customer' },
            ],
            url: 'https://shop.example/thanks',
          },
          {
            name: 'On phones',
            when: [{ kind: 'device', in: ['mobile', 'tablet'] }],
            url: 'https://shop.example/app',
          },
        ],
        variants: [
          { name: 'short', url: 'https://shop.example/summer?v=short', weight: 1 },
          { name: 'long', url: 'https://shop.example/summer?v=long', weight: 1 },
        ],
      },
    }),
  );
  orThrow(await hw.links.update(link.id, { tags: ['summer', 'poster'] }, { actor: 'Ann' }));
  for (let person = 0; person < 40; person += 1)
    await hw.handler(new Request(hw.links.shortUrl(link), { headers: { 'user-agent': desktop } }), {
      remoteAddress: `203.0.113.${person}`,
    });
  return link.id;
}

const desktop =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** Resolves when a view shows its data, and nothing moves any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1, main h2, h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
  await page.waitForTimeout(350);
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: ReadonlyArray<{ readonly html: string }>;
}

/** What axe finds that keeps somebody from using a view. */
export async function seriousViolations(page: Page): Promise<string[]> {
  // Not as an element: the policy of the page allows no inline scripts.
  await page.evaluate(axeCore.source);
  const violations = (await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  )) as Violation[];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}
