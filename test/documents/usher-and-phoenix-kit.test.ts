/** The examples of Usher's two guides and of PhoenixKit's referral code usage, in their order, as one would write them. */
import { orThrow, publicCodeMessage } from 'headwater';
import type { CreatedInvitation, Invitation, Usage } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import type { TestHeadwater } from 'headwater/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('invitation usage tracking', () => {
  let hw: TestHeadwater;
  let invitation: CreatedInvitation;
  beforeAll(async () => {
    hw = await createTestHeadwater({
      invitations: {
        entityTypes: ['user', 'company', 'device'],
        actions: {
          visited: { repeatable: true, arrives: true },
          registered: { event: 'registration' },
          activated: {},
        },
      },
    });
    invitation = orThrow(await hw.invitations.create({ token: 'abc123token' }));
  }, 30_000);
  afterAll(() => hw.close());

  it('tracks with the invitation, and with its token', async () => {
    const metadata = { plan: 'premium', user_agent: 'Mozilla/5.0...', campaign: 'summer_2024' };
    const usage = orThrow(
      await hw.invitations.track(invitation, {
        entity: ['user', 'user_123'],
        action: 'registered',
        metadata,
      }),
    );
    expect(usage).toMatchObject({ action: 'registered', metadata });
    orThrow(
      await hw.invitations.track('abc123token', {
        entity: ['company', 'company_456'],
        action: 'visited',
        metadata: { referrer: 'google.com' },
      }),
    );
  });

  it('tracks page visits, registrations and activations', async () => {
    const entity = ['user', 'user_789'] as const;
    for (const [action, metadata] of [
      ['visited', { referrer: 'bing.com' }],
      ['registered', { plan: 'free', signup_method: 'email' }],
      ['activated', { activation_method: 'email_confirmation' }],
    ] as const)
      expect(await hw.invitations.track(invitation, { entity, action, metadata })).toMatchObject({
        ok: true,
        value: { action, metadata },
      });
  });

  it('lists, filters and limits', async () => {
    const list = async (input?: Parameters<typeof hw.invitations.usages>[1]) =>
      orThrow(await hw.invitations.usages(invitation, input)).usages;
    expect(await list()).toHaveLength(5);
    expect(await list({ entityType: 'user' })).toHaveLength(4);
    expect(await list({ action: 'registered' })).toHaveLength(2);
    expect(await list({ entityType: 'user', action: 'visited', limit: 10 })).toHaveLength(1);
  });

  it('gives the unique entities', async () => {
    const { entities } = orThrow(await hw.invitations.usagesByEntity(invitation));
    expect(entities.map(({ entity }) => String(entity.id)).sort()).toEqual([
      'company_456',
      'user_123',
      'user_789',
    ]);
    const registered = orThrow(
      await hw.invitations.usagesByEntity(invitation, { action: 'registered' }),
    );
    expect(registered.entities).toHaveLength(2);
  });

  it('checks an entity', async () => {
    const { invitations } = hw;
    expect(await invitations.wasUsedBy(invitation, ['user', 'user_123'])).toBe(true);
    expect(await invitations.wasUsedBy(invitation, ['user', 'user_123'], 'registered')).toBe(true);
    expect(await invitations.wasUsedBy(invitation, ['user', 'user_123'], 'visited')).toBe(false);
  });

  it('is a funnel, a breakdown and frequencies of metadata', async () => {
    const { steps } = orThrow(await hw.invitations.funnel(invitation));
    expect(steps.map(({ count, rateFromPrevious }) => [count, rateFromPrevious])).toEqual([
      [2, 1],
      [2, 1],
      [1, 0.5],
    ]);
    const by = async (field: string, action?: string) =>
      orThrow(await hw.invitations.breakdown(invitation, { by: field, action }));
    expect(await by('entityType')).toEqual({ user: 4, company: 1 });
    expect(await by('metadata.referrer', 'visited')).toEqual({ 'google.com': 1, 'bing.com': 1 });
    expect(await by('metadata.plan', 'registered')).toEqual({ premium: 1, free: 1 });
  });

  it('tells the errors of the document apart', async () => {
    async function explain(token: string, entityType: string, action: string): Promise<string> {
      const result = await hw.invitations.track(token, {
        entity: [entityType, 'user_123'],
        action,
      });
      if (result.ok) return 'tracked';
      if (result.code === 'invalid_token') return "the token doesn't exist";
      if (result.code === 'invitation_expired') return 'the invitation has expired';
      if (result.code === 'duplicate_usage')
        return `tracked before: ${(result.existing satisfies Usage).action}`;
      return result.message;
    }
    expect(await explain('unknown', 'user', 'registered')).toBe("the token doesn't exist");
    expect(await explain('abc123token', 'robot', 'registered')).toMatch('user, company, device');
    expect(await explain('abc123token', 'user', 'flew')).toMatch('visited, registered, activated');
    expect(await explain('abc123token', 'user', 'registered')).toBe('tracked before: registered');
    hw.clock.advance({ days: 8 });
    expect(await explain('abc123token', 'user', 'visited')).toBe('the invitation has expired');
  });
});

describe('advanced usage', () => {
  let hw: TestHeadwater;
  beforeAll(async () => {
    hw = await createTestHeadwater({ invitations: { signingSecret: 'test-secret' } });
  }, 30_000);
  afterAll(() => hw.close());

  it('signs a token that people can remember', async () => {
    const invitation = orThrow(
      await hw.invitations.create({ token: 'friendly-code-2025', sign: true }),
    );
    expect(hw.invitations.url(invitation, 'https://myapp.com/signup')).toBe(
      'https://myapp.com/signup?invitation_token=friendly-code-2025&s=ob486ThMoiQPq2NtNaS3X1iHNmCZzzKvSCRrST33TPY',
    );
  });

  it('extends, also what has expired', async () => {
    const invitation = orThrow(await hw.invitations.create());
    orThrow(await hw.invitations.extend(invitation, { days: 7 }));
    orThrow(await hw.invitations.extend(invitation, { hours: 2 }));
    hw.clock.advance({ days: 20 });
    const expired = await hw.invitations.getOrThrow(invitation.id);
    const renewed = orThrow(await hw.invitations.extend(expired, { days: 30 }));
    expect(renewed.expiresAt!.getTime()).toBeGreaterThan(hw.clock.now());
  });

  it('sets an end, and takes it away', async () => {
    const invitation = orThrow(
      await hw.invitations.create({ name: 'Permanent Team Invitation', expiresAt: null }),
    );
    orThrow(await hw.invitations.setExpiry(invitation, '2030-12-31T23:59:59Z'));
    orThrow(await hw.invitations.setExpiry(invitation, { in: { days: 30 } }));
    orThrow(await hw.invitations.setExpiry(invitation, { in: { weeks: 1 } }));
    const permanent = orThrow(await hw.invitations.removeExpiry(invitation));
    expect(orThrow(await hw.invitations.validate(permanent.token)).expiresAt).toBeNull();
  });

  it('extends what is in use', async () => {
    async function extendIfActive(invitation: Invitation) {
      const input = { action: 'visited', since: { days: 7 } };
      const visits = orThrow(await hw.invitations.countUsages(invitation, input));
      return visits > 5
        ? orThrow(await hw.invitations.extend(invitation, { days: 14 }))
        : invitation;
    }
    const invitation = orThrow(await hw.invitations.create());
    expect((await extendIfActive(invitation)).expiresAt).toEqual(invitation.expiresAt);
    for (let visit = 0; visit < 6; visit += 1)
      orThrow(
        await hw.invitations.track(invitation, { entity: ['user', visit], action: 'visited' }),
      );
    const extended = await extendIfActive(invitation);
    expect(extended.expiresAt!.getTime() - invitation.expiresAt!.getTime()).toBe(14 * 86_400_000);
  });

  it('cleans up what has expired, and nothing that never does', async () => {
    const permanent = orThrow(await hw.invitations.create({ expiresAt: null }));
    orThrow(await hw.invitations.create({ expiresIn: { hours: 1 } }));
    hw.clock.advance({ days: 8 });
    const cleaned = orThrow(await hw.invitations.cleanUp({ expiredFor: { days: 7 } }));
    expect(cleaned.archived).toBeGreaterThan(0);
    expect(orThrow(await hw.invitations.cleanUp({ expiredFor: { days: 7 } })).archived).toBe(0);
    expect((await hw.invitations.get(permanent.id))?.archivedAt).toBeNull();
  });

  it('brings the role of an invitation to the user who registers', async () => {
    const invited = orThrow(
      await hw.invitations.create({
        name: 'Join Marketing as manager',
        attributes: {
          invited_by: 'user_1',
          role: 'manager',
          department: 'Marketing',
          permissions: ['campaigns:write'],
          welcome_message: 'Welcome to Marketing',
        },
      }),
    );
    async function handleRegistration(token: string, params: { email: string }) {
      const invitation = orThrow(await hw.invitations.validate(token));
      const { role, department, permissions, invited_by } = invitation.attributes;
      const user = { id: 'user_9', ...params, role, department, permissions, invited_by };
      const entity = ['user', user.id] as const;
      orThrow(await hw.invitations.track(invitation, { entity, action: 'registered' }));
      return user;
    }
    expect(await handleRegistration(invited.token, { email: 'new@example.com' })).toMatchObject({
      role: 'manager',
      department: 'Marketing',
      permissions: ['campaigns:write'],
      invited_by: 'user_1',
    });
  });

  it('sends what happens with a campaign on to an analytics service', async () => {
    const campaign = { campaign_id: 'c1', utm_source: 'news', a_b_test_variant: 'b' };
    const { token } = orThrow(
      await hw.invitations.create({ name: 'Spring', attributes: campaign }),
    );
    const sent: unknown[] = [];
    async function trackCampaignInteraction(entityId: string, action: string) {
      const invitation = orThrow(await hw.invitations.validate(token));
      const entity = ['user', entityId] as const;
      orThrow(await hw.invitations.track(invitation, { entity, action }));
      const { campaign_id, utm_source, a_b_test_variant: ab_variant } = invitation.attributes;
      const properties = { campaign_id, utm_source, ab_variant };
      sent.push({ user_id: entityId, event: `invitation_${action}`, properties });
    }
    await trackCampaignInteraction('user_5', 'visited');
    expect(sent).toEqual([
      {
        user_id: 'user_5',
        event: 'invitation_visited',
        properties: { campaign_id: 'c1', utm_source: 'news', ab_variant: 'b' },
      },
    ]);
  });
});

describe('referral code usage', () => {
  it('records usages, lists them by code and by user, and sums them up', async () => {
    await using hw = await createTestHeadwater();
    const code = orThrow(await hw.referrals.createCode({ code: 'WELCOME2024' }));
    for (const user of ['user_1', 'user_2'])
      orThrow(await hw.referrals.redeem('welcome2024', { entity: ['user', user] }));

    const forCode = orThrow(await hw.referrals.redemptions({ codeId: code.id })).redemptions;
    expect(forCode.map(({ entity }) => entity.id)).toEqual(['user_2', 'user_1']);
    const forUser = orThrow(await hw.referrals.redemptions({ entity: ['user', 'user_1'] }));
    expect(forUser.redemptions).toHaveLength(1);
    expect(orThrow(await hw.referrals.stats(code.id))).toEqual({
      totalUses: 2,
      uniqueUsers: 2,
      lastUsed: new Date(hw.clock.now()),
      recentUsers: ['user_2', 'user_1'],
    });
    expect(await hw.referrals.hasRedeemed(['user', 'user_1'], code.id)).toBe(true);
    expect(await hw.referrals.hasRedeemed(['user', 'user_3'], code.id)).toBe(false);
    expect(publicCodeMessage).toBe('This referral code cannot be used');
  });
});
