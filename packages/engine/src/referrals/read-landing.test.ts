import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { dumpTables } from '../../../../test/support/rows.ts';
import { day } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createLibrary } from '../library.ts';
import type { Library } from '../library.ts';
import type { LandingOptions } from './read-landing.ts';

const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

describe('readLanding', () => {
  let context: TestContext;
  let hw: Library;
  beforeAll(async () => {
    context = await openTestContext('pglite', { invitations: { signingSecret: 'test-secret' } });
    await context.workspaces.first();
    hw = createLibrary(context);
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  interface Visit {
    readonly method?: string;
    readonly cookies?: readonly string[];
    readonly agent?: string;
    readonly headers?: Record<string, string>;
  }
  const land = async (
    url: string,
    { method = 'GET', cookies = [], agent = browser, headers = {} }: Visit = {},
    options: LandingOptions = {},
  ) => {
    const sent = { 'user-agent': agent, cookie: cookies.join('; '), ...headers };
    const landing = await hw.referrals.readLanding(
      new Request(url, { method, headers: sent }),
      options,
    );
    const set = landing.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value);
    return { ...landing, set, kept: set.map((cookie) => cookie.split(';')[0]!) };
  };

  it('forgets whom an old token let in once the invitation has a new one, and turns nobody away for it', async () => {
    const invitation = orThrow(await hw.invitations.create({ name: 'Leaked' }));
    const first = await land(hw.invitations.url(invitation, 'https://shop.test/signup'));
    const again = orThrow(await hw.invitations.renew(invitation));
    const later = await land('https://shop.test/signup', { cookies: first.kept });
    expect([later.invitation, later.set]).toEqual([
      undefined,
      [expect.stringMatching(/^_hw_ref=; .*Max-Age=0/)],
    ]);
    const good = await land(hw.invitations.url(again, 'https://shop.test/signup'));
    const kept = await land('https://shop.test/signup', { cookies: good.kept });
    expect(kept.invitation).toMatchObject({ ok: true, value: { id: invitation.id } });
  });

  it('takes an invited person from the address to the sign-up, without the token in any table', async () => {
    const invitation = orThrow(
      await hw.invitations.create({
        name: 'Landing',
        token: 'landing-needle',
        sign: true,
        attributes: { role: 'admin' },
      }),
    );
    const url = hw.invitations.url(invitation, 'https://shop.test/signup?utm_term=x');
    const first = await land(url);
    expect(first.invitation).toMatchObject({ ok: true, value: { id: invitation.id } });
    expect(first.set).toHaveLength(2);
    expect(first.set[1]).toMatch(
      /^_hw_ref=[\w.-]+; Path=\/; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect(first.set.join()).not.toContain('landing-needle');

    // The form is sent without the token: the cookie has it.
    const second = await land('https://shop.test/signup', {
      method: 'POST',
      cookies: first.kept,
    });
    const invited = orThrow(second.invitation!);
    expect(invited.attributes).toEqual({ role: 'admin' });
    const anonymousId = first.kept[0]!.split('=')[1]!;
    orThrow(
      await hw.invitations.redeem(invited, {
        entity: ['user', 'landed'],
        action: 'registered',
        anonymousId,
      }),
    );
    const person = await hw.visitors.getByExternalId('landed');
    const { path } = orThrow(await hw.visitors.attribution(person!.id));
    expect(path).toMatchObject([{ kind: 'invitation', campaign: 'Landing' }]);
    expect(path[0]!.url).toBe('https://shop.test/signup?utm_term=x');
    const { steps } = orThrow(await hw.invitations.funnel(invitation, { count: 'entities' }));
    expect(steps.map(({ count }) => count)).toEqual([1, 1, 0]);
    expect(JSON.stringify(await dumpTables(context))).not.toContain('landing-needle');
    expect(await hw.referrals.forgetLanding()).toEqual([
      'set-cookie',
      '_hw_ref=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
    ]);
  });

  it('records and sets nothing for HEAD requests and mail scanners', async () => {
    const invitation = orThrow(await hw.invitations.create({ usesMax: 1 }));
    const url = hw.invitations.url(invitation, 'https://shop.test/signup');
    const before = await dumpTables(context);
    for (const visit of [
      { method: 'HEAD' },
      { agent: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' },
      { agent: 'curl/8.0' },
    ]) {
      const landing = await land(url, visit);
      expect(landing.invitation).toMatchObject({ ok: true });
      expect(landing.headers).toEqual([]);
    }
    expect(await dumpTables(context)).toEqual(before);
  });

  it('counts no visit of a page that is only fetched ahead, and keeps its cookie for when it is shown', async () => {
    const invitation = orThrow(await hw.invitations.create({ usesMax: 1 }));
    const url = hw.invitations.url(invitation, 'https://shop.test/signup');
    const before = await dumpTables(context);
    for (const headers of [
      { 'sec-purpose': 'prefetch' },
      { 'sec-purpose': 'prefetch;prerender' },
      { purpose: 'prefetch' },
      { 'x-moz': 'prefetch' },
      { 'x-purpose': 'preview' },
    ]) {
      const landing = await land(url, { headers });
      expect(landing.invitation).toMatchObject({ ok: true });
      expect(landing.kept.map((cookie) => cookie.split('=')[0])).toEqual(['_hw_ref']);
      const form = await land('https://shop.test/signup', {
        method: 'POST',
        cookies: landing.kept,
      });
      expect(orThrow(form.invitation!).id).toBe(invitation.id);
    }
    expect(await dumpTables(context)).toEqual(before);
    await land(url);
    expect(orThrow(await hw.invitations.countUsages(invitation, { action: 'visited' }))).toBe(1);
  });

  it('says where to send who comes, where it is asked to', async () => {
    const invitation = orThrow(await hw.invitations.create());
    const url = hw.invitations.url(invitation, 'https://shop.test/signup?utm_term=x');
    const asked = { refusedTo: '/contact', stripToken: true };
    expect((await land(url)).redirectTo).toBeUndefined();
    expect((await land(url, {}, asked)).redirectTo).toBe('/signup?utm_term=x');
    expect((await land('https://shop.test/?invitation_token=no', {}, asked)).redirectTo).toBe(
      '/contact',
    );
    expect((await land('https://shop.test/', {}, asked)).redirectTo).toBeUndefined();
    // Nobody would have the token then.
    expect((await land(url, { method: 'HEAD' }, asked)).redirectTo).toBeUndefined();
    orThrow(await hw.workspaces.update({ settings: { privacy: 'cookieless' } }));
    expect((await land(url, {}, asked)).redirectTo).toBeUndefined();
    orThrow(await hw.workspaces.update({ settings: { privacy: null } }));
  });

  it('takes a code, leaves what is none of ours aside, and keeps its 90 days', async () => {
    const code = orThrow(await hw.referrals.createCode({ code: 'FRIEND' }));
    for (const foreign of ['producthunt', '%00', 'x'.repeat(300)]) {
      const landing = await land(`https://shop.test/?ref=${foreign}`);
      expect(landing).toMatchObject({ code: undefined, headers: [] });
    }
    const first = await land('https://shop.test/?ref=friend');
    expect(first.code?.id).toBe(code.id);
    context.clock.moveBy(89 * day);
    const later = await land('https://shop.test/?ref=producthunt', { cookies: first.kept });
    expect(later.code?.id).toBe(code.id);
    expect(later.set).toEqual([]);
    context.clock.moveBy(day);
    expect((await land('https://shop.test/', { cookies: first.kept })).code).toBeUndefined();
  });

  it('lets what came later prolong nothing: each has the 90 days from its own first arrival', async () => {
    const code = orThrow(await hw.referrals.createCode({ code: 'EARLY' }));
    const invitation = orThrow(await hw.invitations.create({ expiresIn: { days: 365 } }));
    const first = await land('https://shop.test/?ref=early');
    context.clock.moveBy(60 * day);
    const url = hw.invitations.url(invitation, 'https://shop.test/?ref=early');
    const second = await land(url, { cookies: first.kept });
    const cookies = second.kept.filter((cookie) => cookie.startsWith('_hw_ref='));
    expect(cookies).toHaveLength(1);
    context.clock.moveBy(29 * day);
    expect((await land('https://shop.test/', { cookies })).code?.id).toBe(code.id);
    context.clock.moveBy(day);
    const later = await land('https://shop.test/', { cookies });
    expect(later.code).toBeUndefined();
    expect(later.invitation).toMatchObject({ ok: true, value: { id: invitation.id } });
    context.clock.moveBy(60 * day);
    expect((await land('https://shop.test/', { cookies })).invitation).toBeUndefined();
  });

  it('sets no cookie in a workspace that has none', async () => {
    const invitation = orThrow(await hw.invitations.create());
    orThrow(await hw.referrals.createCode({ code: 'NOCOOKIE' }));
    orThrow(await hw.workspaces.update({ settings: { privacy: 'cookieless' } }));
    try {
      const landing = await land(hw.invitations.url(invitation, 'https://shop.test/?ref=nocookie'));
      expect(landing.invitation).toMatchObject({ ok: true });
      expect(landing.code).toMatchObject({ code: 'NOCOOKIE' });
      expect(landing.set).toEqual([]);
    } finally {
      orThrow(await hw.workspaces.update({ settings: { privacy: null } }));
    }
  });

  it('leaves every code aside once a network has tried many that are none', async () => {
    orThrow(await hw.referrals.createCode({ code: 'HIDDEN' }));
    const tried = async (ref: string, remoteAddress: string) => {
      const request = new Request(`https://shop.test/?ref=${ref}`, {
        headers: { 'user-agent': browser },
      });
      return (await hw.referrals.readLanding(request, { remoteAddress })).code?.code;
    };
    expect(await tried('hidden', '203.0.114.1')).toBe('HIDDEN');
    for (let count = 0; count < 300; count += 1) await tried(`try-${count}`, '203.0.114.1');
    expect(await tried('hidden', '203.0.114.2')).toBeUndefined();
    expect(await tried('hidden', '198.51.101.1')).toBe('HIDDEN');
  });

  it('says why an invitation lets nobody in, and believes no cookie of somebody else', async () => {
    const invitation = orThrow(await hw.invitations.create());
    const url = hw.invitations.url(invitation, 'https://shop.test/');
    const first = await land(url);
    orThrow(await hw.invitations.revoke(invitation));
    expect((await land(url)).invitation).toMatchObject({ code: 'invitation_revoked' });
    expect((await land('https://shop.test/', { cookies: first.kept })).invitation).toMatchObject({
      code: 'invitation_revoked',
    });
    const forged = first.kept.map((cookie) =>
      cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    );
    expect((await land('https://shop.test/', { cookies: forged })).invitation).toBeUndefined();
    expect((await land('https://shop.test/?invitation_token=nope')).invitation).toMatchObject({
      code: 'invalid_token',
    });
  });

  it('counts tokens that are none by the network of who shows them, and no others', async () => {
    const { token } = orThrow(await hw.invitations.create());
    const show = async (shown: string, address: string) => {
      const answer = await hw.invitations.validate(shown, { address });
      return answer.ok ? 'ok' : answer.code;
    };
    for (let count = 0; count < 30; count += 1) expect(await show(token, '203.0.113.1')).toBe('ok');
    for (let count = 0; count < 20; count += 1)
      expect(await show(`guess-${count}`, '203.0.113.2')).toBe('invalid_token');
    expect(await show('guess', '203.0.113.3')).toBe('rate_limited');
    expect(await show(token, '203.0.113.3')).toBe('rate_limited');
    expect(await show(token, '198.51.100.1')).toBe('ok');
    const landing = await hw.referrals.readLanding(
      new Request(`https://shop.test/?invitation_token=${token}`),
      { remoteAddress: '203.0.113.4' },
    );
    expect(landing.invitation).toMatchObject({ code: 'rate_limited' });
  });
});
