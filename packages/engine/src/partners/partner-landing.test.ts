import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';

let hw: TestHeadwater;
let partnerId: string;
beforeEach(async () => {
  hw = await createTestHeadwater({ links: { domains: ['go.test'] }, ownHosts: ['shop.test'] });
  const program = orThrow(
    await hw.partners.programs.create({
      name: 'Sales',
      rules: [{ name: 'sales', trigger: 'sale', terms: { percent: 10 }, timesMax: null }],
    }),
  );
  partnerId = orThrow(
    await hw.partners.create({ key: 'ada', name: 'Ada', programId: program.id }),
  ).id;
}, 60_000);
afterEach(() => hw.close());

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const page = (path: string, cookie = '') =>
  new Request(`https://shop.test${path}`, { headers: { 'user-agent': chrome, cookie } });
const refOf = (headers: ReadonlyArray<readonly [string, string]>): string =>
  headers.find(([, value]) => value.startsWith('_hw_ref='))?.[1] ?? '';

describe('a landing', () => {
  it('names the partner of via or ref, keeps them for 90 days, and never longer', async () => {
    const first = await hw.referrals.readLanding(page('/?via=ADA'));
    expect(first.partner).toMatchObject({ id: partnerId, key: 'ada', clickId: undefined });
    const cookie = refOf(first.headers);
    expect(cookie).toContain(`Max-Age=${90 * 86_400}`);
    const kept = cookie.split(';')[0]!;
    hw.clock.advance({ days: 60 });
    const again = await hw.referrals.readLanding(page('/?ref=ada', kept));
    expect(again.partner?.cameAt).toEqual(first.partner?.cameAt);
    expect(refOf(again.headers)).toBe('');
    hw.clock.advance({ days: 30 });
    expect((await hw.referrals.readLanding(page('/', kept))).partner).toBeUndefined();
  });

  it('takes a foreign ref for nothing, and a code of this text where no partner has it', async () => {
    orThrow(await hw.referrals.createCode({ code: 'FRIENDS', creatorId: 'u1' }));
    orThrow(await hw.referrals.createCode({ code: 'ADA', creatorId: 'u1' }));
    expect(await hw.referrals.readLanding(page('/?ref=producthunt'))).toMatchObject({
      partner: undefined,
      code: undefined,
    });
    expect(await hw.referrals.readLanding(page('/?ref=friends'))).toMatchObject({
      partner: undefined,
      code: { code: 'FRIENDS' },
    });
    // One name space: the partner's key comes first.
    expect(await hw.referrals.readLanding(page('/?ref=ada'))).toMatchObject({
      partner: { id: partnerId },
      code: undefined,
    });
  });

  it('believes no cookie that was made up, is of another workspace, or of a partner who is not active', async () => {
    const { headers } = await hw.referrals.readLanding(page('/?via=ada'));
    const kept = refOf(headers).split(';')[0]!;
    const partnerOf = async (cookie: string, workspaceId?: string) =>
      (await hw.referrals.readLanding(page('/', cookie), workspaceId ? { workspaceId } : {}))
        .partner;
    expect(await partnerOf(kept)).toMatchObject({ id: partnerId });
    expect(await partnerOf(`${kept}x`)).toBeUndefined();
    const other = orThrow(await hw.workspaces.create({ name: 'Other' }));
    expect(await partnerOf(kept, other.id)).toBeUndefined();
    orThrow(await hw.partners.update(partnerId, { status: 'disabled' }));
    expect(await partnerOf(kept)).toBeUndefined();
  });

  it('by via makes a touch of the partner, and a sale theirs', async () => {
    const externalId = 'c1';
    orThrow(
      await hw.events.track(
        { type: 'pageview', url: 'https://shop.test/?via=ada', externalId },
        { createsVisitor: true },
      ),
    );
    orThrow(
      await hw.events.track(
        { type: 'pageview', url: 'https://shop.test/?ref=producthunt', externalId: 'c2' },
        { createsVisitor: true },
      ),
    );
    for (const each of ['c1', 'c2'])
      orThrow(await hw.events.sale({ externalId: each, amountMinor: 1_000n, currency: 'EUR' }));
    await hw.partners.commissions.settle();
    const { commissions } = orThrow(await hw.partners.commissions.list());
    expect(commissions).toMatchObject([{ partnerId, trigger: 'sale', netMinor: 100n }]);
  });
});

describe('a click of a referral link', () => {
  beforeEach(async () => {
    orThrow(
      await hw.links.create({
        domain: 'go.test',
        key: 'ada',
        url: 'https://shop.test/',
        linkType: 'referral',
        partnerId,
      }),
    );
  });
  const click = (body: Record<string, string>) =>
    hw.handler(
      new Request('https://shop.test/hw/t/click', {
        method: 'POST',
        headers: { host: 'shop.test', 'user-agent': chrome },
        body: JSON.stringify(body),
      }),
      { remoteAddress: '203.0.113.7' },
    );

  it('at t/click notes partner, link and click in the cookie; of a disabled partner nothing', async () => {
    const answered = await click({ key: 'ada', url: 'https://shop.test/?via=ada' });
    const { click_id } = (await answered.json()) as { click_id: string };
    const cookie = answered.headers.getSetCookie().find((one) => one.startsWith('_hw_ref='));
    const { partner } = await hw.referrals.readLanding(page('/', cookie!.split(';')[0]));
    expect(partner).toMatchObject({ id: partnerId, clickId: click_id });
    orThrow(await hw.partners.update(partnerId, { status: 'disabled' }));
    const later = await click({ key: 'ada', url: 'https://shop.test/' });
    expect(later.status).toBe(200);
    expect(later.headers.getSetCookie().some((one) => one.startsWith('_hw_ref='))).toBe(false);
  });
});

describe('a coupon', () => {
  it('makes the sale that a server tells with it the partner’s, however it is typed', async () => {
    const coupon = orThrow(await hw.partners.coupons.add(partnerId, 'Ada-10%'));
    expect(coupon.code).toBe('ADA-10%');
    const other = orThrow(await hw.partners.create({ key: 'bob', name: 'Bob' }));
    expect(await hw.partners.coupons.add(other, 'ada-10%')).toMatchObject({ code: 'coupon_taken' });
    const sell = async (externalId: string, code: string) => {
      await hw.visitors.identify({ externalId });
      orThrow(
        await hw.events.sale({ externalId, amountMinor: 1_000n, currency: 'EUR', coupon: code }),
      );
    };
    await sell('c1', ' ada-10% ');
    await sell('c2', 'WELCOME');
    await hw.partners.commissions.settle();
    const { commissions } = orThrow(await hw.partners.commissions.list());
    expect(commissions).toMatchObject([{ partnerId, netMinor: 100n, status: 'available' }]);
    const visitor = (await hw.visitors.getByExternalId('c1'))!;
    expect(await hw.partners.ofVisitor(visitor)).toMatchObject({ first: { partnerId } });
    // A rebuild keeps what was told at the till.
    const { changed } = await hw.rebuild();
    expect(changed).toMatchObject({ touches: 0, rewards: 0 });
    orThrow(await hw.partners.coupons.archive(partnerId, coupon));
    orThrow(await hw.partners.coupons.add(other, 'ADA-10%'));
  });
});

describe('the page of a partner', () => {
  const open = (token: string) =>
    hw.handler(new Request(`https://go.test/hw/partner?token=${encodeURIComponent(token)}`));
  const read = (token: string) =>
    hw.handler(
      new Request('https://go.test/hw/partner/data', {
        headers: { authorization: `Bearer ${token}` },
      }),
    );

  it('opens by a token that ends, can be ended, and is good for nothing else', async () => {
    await hw.fixtures.apiKey('read');
    const { token } = orThrow(await hw.partners.createToken(partnerId));
    const answered = await open(token);
    expect(answered.status).toBe(200);
    expect(answered.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(await answered.text()).toContain('<h1>Ada</h1>');
    expect(await (await read(token)).json()).toMatchObject({ partner: { key: 'ada' }, clicks: 0 });
    orThrow(
      await hw.workspaces.update({
        settings: { partners: { frameAncestors: ['https://app.test'] } },
      }),
    );
    expect((await open(token)).headers.get('content-security-policy')).toContain(
      'frame-ancestors https://app.test',
    );
    const api = await hw.handler(
      new Request('https://go.test/hw/api/partners', {
        headers: { authorization: `Bearer ${token}` },
      }),
    );
    expect(api.status).toBe(401);
    expect((await open(token.replace(partnerId, crypto.randomUUID()))).status).toBe(401);
    orThrow(await hw.partners.endTokens(partnerId));
    expect((await read(token)).status).toBe(401);
    const short = orThrow(await hw.partners.createToken(partnerId, { expiresIn: { minutes: 5 } }));
    hw.clock.advance({ minutes: 5 });
    expect((await open(short.token)).status).toBe(401);
  });
});
