import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { day } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createLibrary } from '../library.ts';
import type { Library } from '../library.ts';

describe.each(testDatabaseSizes)('a short link that is minted on %s', (size) => {
  let context: TestContext;
  let hw: Library;
  beforeAll(async () => {
    context = await openTestContext(size, {
      links: { domains: ['go.test'] },
      invitations: { signingSecret: 'test-secret' },
    });
    await context.workspaces.first();
    hw = createLibrary(context);
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const url = 'https://app.test/signup?utm_source=mail#form';
  const isLive = async (id: string) => (await hw.links.get(id))?.archivedAt === null;

  describe('with an invitation', () => {
    it('leads to the sign-up with the token, whoever follows it', async () => {
      const { linkId, link, token } = orThrow(
        await hw.invitations.create({
          link: {
            key: `team-${size}`,
            url,
            iosUrl: 'https://ios.test/',
            geoTargeting: { DE: 'https://app.test/de' },
            utmCampaign: 'spring',
          },
        }),
      );
      expect(link).toMatchObject({
        id: linkId,
        key: `team-${size}`,
        url: `https://app.test/signup?utm_source=mail&invitation_token=${token}#form`,
        iosUrl: `https://ios.test/?invitation_token=${token}`,
        geoTargeting: { DE: `https://app.test/de?invitation_token=${token}` },
        utmCampaign: 'spring',
      });
      expect((await hw.links.get(linkId!))?.url).toBe(link!.url);
    });

    it('carries the signature of a signed one, and goes on with the token of a renewed one', async () => {
      const token = `signed-${size}`;
      const signed = orThrow(await hw.invitations.create({ token, sign: true, link: { url } }));
      expect(new URL(signed.link!.url).searchParams.get('s')).toBe(signed.signature);
      const renewed = orThrow(await hw.invitations.renew(signed));
      const after = (await hw.links.get(signed.linkId!))!;
      expect(after).toMatchObject({ domain: 'go.test', key: signed.link!.key });
      expect(after.url).toBe(
        `https://app.test/signup?utm_source=mail&invitation_token=${renewed.token}&s=${renewed.signature}#form`,
      );
    });

    it('ends when that is archived, revoked, declined or cleaned up, not when it is paused', async () => {
      const create = async () => orThrow(await hw.invitations.create({ link: { url } }));
      for (const verb of ['archive', 'revoke', 'decline'] as const) {
        const invitation = await create();
        orThrow(await hw.invitations.pause(invitation));
        expect(await isLive(invitation.linkId!)).toBe(true);
        orThrow(await hw.invitations[verb](invitation));
        expect([verb, await isLive(invitation.linkId!)]).toEqual([verb, false]);
      }
      const expired = await create();
      context.clock.moveBy(8 * day);
      orThrow(await hw.invitations.cleanUp({ expiredFor: { days: 0 } }));
      expect(await isLive(expired.linkId!)).toBe(false);
    });

    it('is made together with it or not at all', async () => {
      orThrow(await hw.links.create({ key: `taken-${size}`, url }));
      const before = orThrow(await hw.invitations.list({ archived: 'with', limit: 200 }));
      expect(await hw.invitations.create({ link: { key: `taken-${size}`, url } })).toMatchObject({
        code: 'link_key_taken',
        errors: { 'link.key': [expect.any(String)] },
      });
      expect(
        await hw.invitations.create({ emails: ['a@b.test'], link: { url: 'ftp://x' } }),
      ).toMatchObject({ code: 'invalid_link', errors: { 'link.url': [expect.any(String)] } });
      const after = orThrow(await hw.invitations.list({ archived: 'with', limit: 200 }));
      expect(after.invitations.length).toBe(before.invitations.length);
      const links = orThrow(await hw.links.list({ limit: 200 })).links.length;
      const token = `dup-${size}`;
      orThrow(await hw.invitations.create({ token }));
      expect(await hw.invitations.create({ token, link: { url } })).toMatchObject({
        code: 'token_taken',
      });
      expect(orThrow(await hw.links.list({ limit: 200 })).links.length).toBe(links);
    });
  });

  describe('with a code', () => {
    it('leads to the page with it as ref, and ends with it', async () => {
      const code = orThrow(await hw.referrals.createCode({ code: `mint-${size}`, link: { url } }));
      expect(code.link?.url).toBe(
        `https://app.test/signup?utm_source=mail&ref=MINT-${size.toUpperCase()}#form`,
      );
      expect(hw.referrals.url(code, url)).toBe(code.link!.url);
      const landed = await hw.referrals.readLanding(new Request(code.link!.url));
      expect(landed.code?.id).toBe(code.id);
      orThrow(await hw.referrals.updateCode(code, { active: false }));
      expect(await isLive(code.linkId!)).toBe(true);
      orThrow(await hw.referrals.archiveCode(code));
      expect(await isLive(code.linkId!)).toBe(false);
    });
  });

  it('is told over HTTP as what to hand on, and a replay is told no token', async () => {
    const api = await openApi(context, await context.workspaces.first());
    const headers = { 'idempotency-key': 'minted' };
    const body = { name: 'Press', link: { key: `press-${size}`, url } };
    const created = await api<{ token: string; link: object; link_id: string }>(
      'POST',
      '/invitations',
      body,
      { headers },
    );
    expect(created).toMatchObject({
      status: 201,
      body: { link: { id: created.body.link_id, short_url: `https://go.test/press-${size}` } },
    });
    const replayed = await api('POST', '/invitations', body, { headers });
    expect(JSON.stringify(replayed.body)).not.toContain(created.body.token);
    expect(
      await api('POST', '/invitations', { link: { key: `press-${size}`, url } }),
    ).toMatchObject({ status: 409, body: { errors: { 'link.key': [expect.any(String)] } } });
    expect(
      await api('POST', '/referral-codes', { code: `http-${size}`, link: { url } }),
    ).toMatchObject({
      status: 201,
      body: { link: { short_url: expect.stringMatching(/^https:\/\/go\.test\//) } },
    });
  });
});
