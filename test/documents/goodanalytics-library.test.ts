/** The library's part of GoodAnalytics' readme, in its order, as it is written in TypeScript. */
import { orThrow, type Link, type LiveMessage, type Visitor } from 'headwater';
import { createTestHeadwater, type TestHeadwater } from 'headwater/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let hw: TestHeadwater;
let workspaceId: string;

beforeAll(async () => {
  hw = await createTestHeadwater({ links: { domains: ['mybrand.link'], appSchemes: ['myapp'] } });
  workspaceId = (await hw.workspaces.first()).id;
}, 30_000);
afterAll(() => hw.close());

/** Somebody follows a short link with a browser. */
function follow(path: string, cookie?: string): Promise<Response> {
  return hw.handler(
    new Request(`https://mybrand.link${path}`, {
      headers: {
        'user-agent': 'Mozilla/5.0 (Macintosh) Chrome/141.0 Safari/537.36',
        ...(cookie === undefined ? {} : { cookie }),
      },
    }),
  );
}

describe('Identity Resolution', () => {
  let visitor: Visitor;

  it('Resolve tracking signals to a visitor', async () => {
    const signals = {
      anonymousId: 'a-visitor-cookie',
      identifiers: [{ kind: 'fingerprint', value: 'f-1' }],
    };

    const resolved = orThrow(await hw.visitors.resolve(signals, { workspaceId }));

    visitor = resolved.visitor!;
    expect(visitor).toMatchObject({ workspaceId, status: 'anonymous' });
    expect(orThrow(await hw.visitors.resolve(signals, { workspaceId })).visitor).toMatchObject({
      id: visitor.id,
    });
  });

  it('Associate a visitor with known person attributes', async () => {
    const identified = orThrow(
      await hw.visitors.identify({
        visitorId: visitor.id,
        externalId: 'cust_123',
        email: 'alice@example.com',
        name: 'Alice',
      }),
    );

    expect(identified.visitor).toMatchObject({
      id: visitor.id,
      status: 'identified',
      externalId: 'cust_123',
      email: 'alice@example.com',
      name: 'Alice',
      identifiedAt: new Date(hw.clock.now()),
    });
  });

  it('Strong signals (external ID, email, click id) can trigger merges on their own', async () => {
    const phone = orThrow(await hw.visitors.resolve({ anonymousId: 'the-cookie-of-a-phone' }));
    expect(phone.visitor!.id).not.toBe(visitor.id);

    const joined = orThrow(
      await hw.visitors.identify({ visitorId: phone.visitor!.id, email: 'Alice@Example.com' }),
    );

    expect(joined.identity.outcome).toBe('merged');
    expect(joined.visitor).toMatchObject({
      id: visitor.id,
      mergedIds: expect.arrayContaining([phone.visitor!.id]) as string[],
      externalId: 'cust_123',
    });
  });

  it('Weak signals (fingerprint) merge nobody', async () => {
    const neighbour = orThrow(
      await hw.visitors.resolve({
        anonymousId: 'a-neighbour',
        identifiers: [{ kind: 'fingerprint', value: 'f-1' }],
      }),
    );

    expect(neighbour.identity.outcome).toBe('created');
    expect(neighbour.visitor!.id).not.toBe(visitor.id);
  });
});

describe('Event Tracking', () => {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = orThrow(
      await hw.visitors.identify({ externalId: 'cust_456', email: 'bob@example.com' }),
    ).visitor!;
  });

  it('Record a pageview', async () => {
    const outcome = orThrow(
      await hw.events.track({
        type: 'pageview',
        visitorId: visitor.id,
        url: 'https://example.com/pricing',
      }),
    );

    expect(outcome).toMatchObject({ outcome: 'accepted', personId: visitor.id });
    expect(await hw.visitors.get(visitor.id)).toMatchObject({ pageviews: 1, sessions: 1 });
  });

  it('Record a lead conversion', async () => {
    orThrow(await hw.events.lead({ visitorId: visitor.id, externalId: 'cust_456' }));

    expect(await hw.visitors.get(visitor.id)).toMatchObject({
      status: 'lead',
      convertedAt: new Date(hw.clock.now()),
    });
  });

  it('Record a sale', async () => {
    orThrow(await hw.events.sale({ visitorId: visitor.id, amountMinor: 4_900n, currency: 'USD' }));

    expect(await hw.visitors.get(visitor.id)).toMatchObject({
      status: 'customer',
      lifetimeValue: [{ amountMinor: 4_900n, currency: 'USD' }],
    });
  });
});

describe('Server-Side Conversions', () => {
  it('Lead conversion with connector signals, sale conversion with connector signals', async () => {
    const visitor = orThrow(await hw.visitors.identify({ externalId: 'cust_790' })).visitor!;
    const lead = orThrow(
      await hw.events.submitLead(
        visitor,
        { properties: { form: 'contact' } },
        { connectorSignals: { _fbp: 'fb.1.123', gclid: 'abc' } },
      ),
    );
    const sale = orThrow(
      await hw.events.submitSale(
        visitor,
        { amountMinor: 4_900n, currency: 'USD' },
        { connectorSignals: { _fbp: 'fb.1.123' } },
      ),
    );
    expect([lead, sale]).toMatchObject([{ outcome: 'accepted' }, { outcome: 'accepted' }]);
    expect(await hw.visitors.get(visitor.id)).toMatchObject({ status: 'customer' });
  });
});

describe('GDPR', () => {
  it('Remove all PII and events for a visitor', async () => {
    const visitor = orThrow(
      await hw.visitors.identify({ externalId: 'cust_gone', email: 'gone@example.com' }),
    ).visitor!;
    orThrow(await hw.events.lead({ visitorId: visitor.id }));
    orThrow(await hw.privacy.forget({ visitorId: visitor.id }));
    expect(await hw.visitors.get(visitor.id)).toBeUndefined();
    expect(await hw.visitors.getByExternalId('cust_gone')).toBeUndefined();
    const { events } = orThrow(await hw.events.list({ visitorId: visitor.id }));
    expect(events).toEqual([]);
  });
});

describe('Link Management', () => {
  let link: Link;

  it('Create a short link', async () => {
    const created = orThrow(
      await hw.links.create(
        {
          domain: 'mybrand.link',
          key: 'gw-launch',
          url: 'https://example.com/pricing',

          // Optional
          linkType: 'campaign',
          utmSource: 'twitter',
          utmMedium: 'social',
          utmCampaign: 'launch-2026',
          utmContent: 'hero-link',
          utmTerm: 'analytics',
          iosUrl: 'myapp://pricing',
          androidUrl: 'myapp://pricing',
          expiresAt: new Date('2026-12-31T23:59:59Z'),
          tags: ['launch', 'social'],
          externalId: 'campaign_123',
          metadata: { owner: 'growth' },
        },
        { workspaceId },
      ),
    );

    link = created;
    expect(created.domainVerified).toBe(true);
    expect(await hw.links.getByExternalId('campaign_123')).toMatchObject({
      workspaceId,
      domain: 'mybrand.link',
      key: 'gw-launch',
      linkType: 'campaign',
      utmTerm: 'analytics',
      iosUrl: 'myapp://pricing',
      androidUrl: 'myapp://pricing',
      expiresAt: new Date('2026-12-31T23:59:59Z'),
      tags: ['launch', 'social'],
      metadata: { owner: 'growth' },
    });
  });

  it('needs a url; the key is made up, the domain is the first one that is configured', async () => {
    const short = orThrow(await hw.links.create({ url: 'https://example.com/' }));
    expect(short).toMatchObject({
      domain: 'mybrand.link',
      key: expect.stringMatching(/^[a-zA-Z0-9]{7}$/) as string,
    });
    expect(await hw.links.create({ url: '' })).toMatchObject({ ok: false, code: 'invalid_link' });
    orThrow(await hw.links.archive(short.id));
  });

  it('leads where it says, with its campaign on the address', async () => {
    const answer = await follow('/gw-launch');

    expect(answer.status).toBe(302);
    const destination = new URL(answer.headers.get('location')!);
    expect(destination.origin + destination.pathname).toBe('https://example.com/pricing');
    expect(Object.fromEntries(destination.searchParams)).toMatchObject({
      utm_source: 'twitter',
      utm_medium: 'social',
      utm_campaign: 'launch-2026',
      utm_content: 'hero-link',
      utm_term: 'analytics',
    });
  });

  it('List links for a workspace', async () => {
    const page = orThrow(await hw.links.list({ limit: 50, offset: 0 }, { workspaceId }));

    expect(page.links.map(({ key }) => key)).toEqual(['gw-launch']);
  });

  it('Get link stats (aggregate counters)', async () => {
    await hw.events.flush();

    expect(orThrow(await hw.links.stats(link.id))).toEqual({
      clicks: 1,
      uniqueClicks: 1,
      machineClicks: 0,
      leads: 0,
      sales: 0,
      revenueMinor: 0n,
      revenue: [],
    });
  });

  it('Get recent click events for a link', async () => {
    const [click] = orThrow(await hw.links.clicks(link.id, { limit: 10 })).clicks;

    expect(click).toMatchObject({ occurredAt: new Date(hw.clock.now()), machine: null });
    expect(orThrow(await hw.visitors.attribution(click!.visitorId!))).toMatchObject({
      path: [
        {
          kind: 'click',
          linkId: link.id,
          source: 'twitter',
          medium: 'social',
          campaign: 'launch-2026',
        },
      ],
    });
  });

  it('Short link clicks, pageviews, leads, and sales all tie back to the same visitor', async () => {
    const arrival = await follow('/gw-launch');
    const clickId = new URL(arrival.headers.get('location')!).searchParams.get('hw_click')!;
    const landing = orThrow(
      await hw.events.track(
        {
          type: 'pageview',
          anonymousId: 'cookie-of-the-site',
          clickId,
          url: arrival.headers.get('location')!,
        },
        { createsVisitor: true },
      ),
    );
    orThrow(
      await hw.visitors.identify({ anonymousId: 'cookie-of-the-site', externalId: 'cust_789' }),
    );
    orThrow(await hw.events.lead({ externalId: 'cust_789' }));
    orThrow(await hw.events.sale({ externalId: 'cust_789', amountMinor: 9_800n, currency: 'USD' }));

    expect(landing).toMatchObject({ outcome: 'accepted', identity: { outcome: 'linked' } });
    const visitor = (await hw.visitors.getByExternalId('cust_789'))!;
    expect(
      orThrow(await hw.visitors.timeline(visitor.id))
        .events.map(({ type }) => type)
        .sort(),
    ).toEqual(['identify', 'lead', 'link_click', 'pageview', 'sale']);
    expect(orThrow(await hw.links.stats(link.id))).toMatchObject({
      clicks: 2,
      leads: 1,
      sales: 1,
      revenueMinor: 9_800n,
    });
  });

  it('Generate social sharing URLs for a link', () => {
    const urls = hw.links.shareUrls('https://mybrand.link/gw-launch', {
      title: 'Check this out',
      text: 'GoodAnalytics launch',
    });

    expect(Object.keys(urls)).toHaveLength(8);
    expect(urls.twitter).toBe(
      'https://twitter.com/intent/tweet?url=https%3A%2F%2Fmybrand.link%2Fgw-launch&text=GoodAnalytics%20launch',
    );
    expect(urls.facebook).toMatch(/^https:\/\/www\.facebook\.com\/sharer\//);
    expect(
      hw.links.shareUrls(link, { title: 'Check this out', text: 'GoodAnalytics launch' }),
    ).toEqual(urls);
  });

  it('Short link QR code endpoint', async () => {
    const code = await hw.handler(new Request('https://mybrand.link/gw-launch/qr?size=4'));

    expect(code.status).toBe(200);
    expect(code.headers.get('content-type')).toContain('image/svg+xml');
  });

  it('Soft-delete a link (frees domain+key for reuse)', async () => {
    orThrow(await hw.links.archive(link.id));

    expect((await follow('/gw-launch')).status).toBe(404);
    const next = orThrow(
      await hw.links.create({
        domain: 'mybrand.link',
        key: 'gw-launch',
        url: 'https://example.com/next',
        externalId: 'campaign_123',
      }),
    );
    expect(next.id).not.toBe(link.id);
    expect((await follow('/gw-launch')).headers.get('location')).toMatch(
      /^https:\/\/example\.com\/next/,
    );
    expect(orThrow(await hw.links.stats(link.id))).toMatchObject({ clicks: 2 });
  });
});

describe('Visitors', () => {
  it('gets a visitor by id and by external id, with timeline and attribution', async () => {
    const visitor = (await hw.visitors.getByExternalId('cust_123', { workspaceId }))!;

    expect(await hw.visitors.get(visitor.id)).toEqual(visitor);
    expect(
      orThrow(await hw.visitors.timeline(visitor.id)).events.map(({ type }) => type),
    ).toContain('identify');
    expect(orThrow(await hw.visitors.attribution(visitor.id))).toMatchObject({
      visitor: { id: visitor.id },
      path: [],
    });
    expect(await hw.visitors.get('00000000-0000-0000-0000-000000000000')).toBeUndefined();
  });
});

describe('Short Links, PubSub topics', () => {
  it('Click events broadcast link_click, recorded events broadcast event_recorded', async () => {
    const told: LiveMessage[] = [];
    const both = Promise.withResolvers<void>();
    const here = await hw.live.subscribe({ topics: ['link_clicks', 'events'] }, (message) => {
      if (told.push(message) === 2) both.resolve();
    });
    const everywhere = Promise.withResolvers<LiveMessage>();
    const global = await hw.live.subscribeAll({ topics: ['link_clicks'] }, everywhere.resolve);

    const link = orThrow(await hw.links.create({ key: 'told', url: 'https://example.com/' }));
    await follow('/told');

    await both.promise;
    expect(told).toMatchObject([
      {
        type: 'event_recorded',
        topic: `events:${workspaceId}`,
        event: { type: 'link_click', linkId: link.id },
      },
      { type: 'link_click', topic: `link_clicks:${workspaceId}`, linkId: link.id, unique: true },
    ]);
    expect(await everywhere.promise).toEqual(told[1]);
    await orThrow(here).close();
    await orThrow(global)[Symbol.asyncDispose]();
  });
});

describe('Event Hooks', () => {
  it('Sync hook, runs during redirect', async () => {
    const remove = hw.hooks.register('link_click', (_event, _visitor) => ({
      setCookies: [{ name: 'partner_id', value: 'abc', days: 30 }],
    }));

    expect((await follow('/told')).headers.getSetCookie().join()).toContain('partner_id=abc; ');

    remove();
    expect((await follow('/told')).headers.getSetCookie().join()).not.toContain('partner_id');
  });
});
