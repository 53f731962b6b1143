import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openReceiver } from '../../../../test/support/receiver.ts';
import type { Receiver } from '../../../../test/support/receiver.ts';
import { orThrow } from '../kernel/result.ts';
import { createLibrary } from '../library.ts';
import type { Library } from '../library.ts';
import { settleRewards } from '../rewards/settle-rewards.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';
import type { Workspace } from '../workspaces/workspace.ts';

describe.each(testDatabaseSizes)('webhooks on %s are told of', (size) => {
  let context: TestContext;
  let receiver: Receiver;
  let hw: Library;
  let workspace: Workspace;
  let workspaces = 0;
  beforeAll(async () => {
    context = await openTestContext(size, {
      links: { domains: ['go.test'] },
      webhooks: { allowPrivateNetworks: true },
    });
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());
  beforeEach(async () => {
    const name = `Told of ${(workspaces += 1)} on ${size}`;
    const { id } = orThrow(await createWorkspace(context, { name }));
    workspace = (await context.workspaces.get(id))!;
    hw = createLibrary({
      ...context,
      workspaces: { ...context.workspaces, first: () => Promise.resolve(workspace) },
    });
    receiver = await openReceiver();
  });
  afterEach(() => receiver[Symbol.asyncDispose]());

  const listen = async (...eventTypes: string[]) =>
    orThrow(await hw.webhooks.create({ url: receiver.url, eventTypes }));
  /** What arrives next, by type. */
  const told = async () => {
    receiver.received.length = 0;
    await hw.webhooks.deliverDue();
    return Object.fromEntries(
      receiver.received.map(({ text }) => {
        const { type, data } = JSON.parse(text) as { type: string; data: object };
        return [type, data];
      }),
    );
  };
  const refer = async () => {
    const code = orThrow(await hw.referrals.createCode({ creatorId: 'ann' }));
    return orThrow(await hw.referrals.redeem(code, { entity: ['user', 'bob'] })).redemption.id;
  };

  it('a referral, and that its seat was given back', async () => {
    await listen('referral.created', 'referral.reversed');
    const redemptionId = await refer();
    const referral = {
      redemption_id: redemptionId,
      referrer: { type: 'user', id: 'ann' },
      referee: { type: 'user', id: 'bob' },
    };
    expect(await told()).toEqual({
      'referral.created': expect.objectContaining({ ...referral, status: 'active' }),
    });
    orThrow(await hw.referrals.reverse(redemptionId));
    expect(await told()).toEqual({
      'referral.reversed': expect.objectContaining({ ...referral, status: 'reversed' }),
    });
    orThrow(await hw.referrals.reverse(redemptionId));
    expect(await told()).toEqual({});
  });

  it('a reward, a part of it that is taken back, and the rest', async () => {
    await listen('reward.earned', 'reward.changed', 'reward.reversed');
    await hw.referrals.rewards.createRule({
      name: 'A tenth',
      trigger: 'payment',
      referrer: { percent: 10 },
    });
    await refer();
    orThrow(
      await hw.events.track(
        {
          type: 'sale',
          externalId: 'bob',
          amountMinor: 5_000n,
          currency: 'EUR',
          idempotencyKey: 'order-1',
        },
        { createsVisitor: true },
      ),
    );
    await settleRewards(context, workspace);
    const reward = { account: { type: 'user', id: 'ann' }, side: 'referrer', unit: 'EUR' };
    expect(await told()).toEqual({
      'reward.earned': expect.objectContaining({ ...reward, granted: 500, net: 500 }),
    });
    const takeBack = async (amountMinor: bigint) => {
      orThrow(
        await hw.events.track({
          type: 'refund',
          externalId: 'bob',
          refundOfKey: 'order-1',
          amountMinor,
          currency: 'EUR',
        }),
      );
      await settleRewards(context, workspace);
    };
    await takeBack(2_000n);
    expect(await told()).toEqual({
      'reward.changed': expect.objectContaining({ net: 300, status: 'available' }),
    });
    await takeBack(3_000n);
    expect(await told()).toEqual({
      'reward.reversed': expect.objectContaining({ net: 0, status: 'reversed' }),
    });
  });

  it('who waits, who was invited, and who has left, of whom nothing is said then', async () => {
    await listen('waitlist.joined', 'waitlist.invited', 'waitlist.left');
    const { entry } = orThrow(await hw.waitlist.join({ email: 'cat@people.test', name: 'Cat' }));
    orThrow(await hw.waitlist.join({ email: 'cat@people.test' }));
    expect(await told()).toEqual({
      'waitlist.joined': expect.objectContaining({
        id: entry.id,
        email: 'cat@people.test',
        name: 'Cat',
        position: 1,
      }),
    });
    const [invited] = orThrow(await hw.waitlist.invite({ count: 1 }));
    expect(await told()).toEqual({
      'waitlist.invited': expect.objectContaining({
        id: entry.id,
        status: 'invited',
        invitation_id: invited!.invitation.id,
      }),
    });
    orThrow(await hw.waitlist.leave({ id: entry.id }));
    expect(await told()).toEqual({
      'waitlist.left': expect.objectContaining({ id: entry.id, email: null, name: null }),
    });
  });

  it('nothing of them where only links are listened to, nor of what was rolled back', async () => {
    const link = orThrow(await hw.links.create({ domain: 'go.test', url: 'https://shop.test/' }));
    orThrow(await hw.webhooks.create({ url: receiver.url, linkIds: [link.id] }));
    await refer();
    await listen('waitlist.joined');
    await context.database.db
      .transaction()
      .execute(async (tx) => {
        await hw.waitlist.join({ email: 'dan@people.test' }, { tx });
        throw new Error('The host has changed its mind.');
      })
      .catch(() => undefined);
    expect(await told()).toEqual({});
  });
});
