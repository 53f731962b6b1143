import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { day, hour } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createLibrary } from '../library.ts';
import type { Library } from '../library.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { CreateRewardRuleInput } from './change-reward-rule.ts';
import { settleRewards } from './settle-rewards.ts';

const nowhere = '01900000-0000-7000-8000-000000000000';

interface Shop {
  readonly hw: Library;
  readonly workspace: Workspace;
  rule(input: Partial<CreateRewardRuleInput>): Promise<{ id: string; version: number }>;
  /** `friend` redeems a code of `owner`; the id of the redemption and of the code. */
  refer(owner: string, friend: string): Promise<{ redemptionId: string; codeId: string }>;
  sell(user: string, amountMinor: bigint | undefined, key: string, more?: object): Promise<void>;
  refund(user: string, key: string, amountMinor?: bigint, currency?: string): Promise<void>;
  /** What a user has of a unit. */
  balance(user: string, unit?: string): Promise<bigint>;
  settle(): Promise<number>;
}

describe.each(testDatabaseSizes)('rewards on %s', (size) => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext(size);
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  async function openShop(): Promise<Shop> {
    const { id } = orThrow(await createWorkspace(context, { name: `Shop ${Math.random()}` }));
    const workspace = (await context.workspaces.get(id))!;
    const hw = createLibrary({
      ...context,
      workspaces: { ...context.workspaces, first: () => Promise.resolve(workspace) },
    });
    return {
      hw,
      workspace,
      rule: async (input) =>
        orThrow(
          await hw.referrals.rewards.createRule({
            name: 'Friends',
            trigger: 'payment',
            referrer: { amountMinor: 1_000n, unit: 'EUR' },
            ...input,
          }),
        ),
      async refer(owner, friend) {
        const code = orThrow(await hw.referrals.createCode({ creatorId: owner }));
        const { redemption } = orThrow(
          await hw.referrals.redeem(code, { entity: ['user', friend] }),
        );
        return { redemptionId: redemption.id, codeId: code.id };
      },
      async sell(externalId, amountMinor, idempotencyKey, more = {}) {
        orThrow(
          await hw.events.sale({
            externalId,
            idempotencyKey,
            ...(amountMinor !== undefined && { amountMinor, currency: 'EUR' }),
            ...more,
          }),
        );
      },
      async refund(externalId, refundOfKey, amountMinor, currency = 'EUR') {
        orThrow(
          await hw.events.track({
            type: 'refund',
            externalId,
            refundOfKey,
            ...(amountMinor !== undefined && { amountMinor, currency }),
          }),
        );
      },
      async balance(user, unit = 'EUR') {
        const balances = orThrow(await hw.ledger.balances(['user', user]));
        return balances.find((each) => each.unit === unit)?.balanceMinor ?? 0n;
      },
      settle: async () => (await hw.referrals.rewards.settle()).entries,
    };
  }

  it('rewards both sides of a redemption, and takes it back when that is given back', async () => {
    const { hw, rule, refer, balance, settle } = await openShop();
    await rule({ trigger: 'redemption', referee: { amountMinor: 50n, unit: 'credits' } });
    const { redemptionId } = await refer('ann', 'bob');
    expect(await settle()).toBe(2);
    expect([await balance('ann'), await balance('bob', 'credits')]).toEqual([1_000n, 50n]);
    expect(await settle()).toBe(0);
    orThrow(await hw.referrals.reverse(redemptionId));
    expect(await settle()).toBe(2);
    expect([await balance('ann'), await balance('bob', 'credits')]).toEqual([0n, 0n]);
    const { rewards } = orThrow(await hw.referrals.rewards.list());
    expect(rewards.map(({ status, side }) => [side, status])).toEqual([
      ['referee', 'reversed'],
      ['referrer', 'reversed'],
    ]);
  });

  it('are not taken back by hand, where a refund would give them anew', async () => {
    const { hw, rule, refer, balance, settle } = await openShop();
    await rule({ trigger: 'redemption' });
    await refer('ann', 'bob');
    await settle();
    const { entries } = orThrow(await hw.ledger.entries({ account: ['user', 'ann'] }));
    expect(await hw.ledger.reverse(entries[0]!)).toMatchObject({ code: 'entry_not_reversible' });
    expect(await balance('ann')).toBe(1_000n);
  });

  it('rewards a registration once, also one that was noted just before the redemption', async () => {
    const { hw, rule, refer, balance, settle } = await openShop();
    await rule({ trigger: 'registration' });
    context.clock.moveBy(hour);
    orThrow(
      await hw.events.track(
        { type: 'registration', externalId: 'bob', idempotencyKey: 'signed-up' },
        { createsVisitor: true },
      ),
    );
    context.clock.moveBy(hour);
    await refer('ann', 'bob');
    orThrow(await hw.events.track({ type: 'registration', externalId: 'bob' }));
    await settle();
    expect(await balance('ann')).toBe(1_000n);
    orThrow(
      await hw.events.track({
        type: 'refund',
        externalId: 'bob',
        refundOfKey: 'signed-up',
        refundOfType: 'registration',
      }),
    );
    // The first one never happened; the second one earns instead.
    await settle();
    expect(await balance('ann')).toBe(1_000n);
    const { rewards } = orThrow(await hw.referrals.rewards.list());
    expect(rewards.map(({ status }) => status)).toEqual(['available', 'reversed']);
  });

  it('does not reward who was registered long before the referral', async () => {
    const { hw, rule, refer, settle } = await openShop();
    await rule({ trigger: 'registration' });
    orThrow(
      await hw.events.track({ type: 'registration', externalId: 'bob' }, { createsVisitor: true }),
    );
    context.clock.moveBy(2 * day);
    await refer('ann', 'bob');
    expect(await settle()).toBe(0);
  });

  it('rewards an activation by the name that the rule says', async () => {
    const { hw, rule, refer, balance, settle } = await openShop();
    await rule({ trigger: 'activation', activation: 'first_project' });
    await refer('ann', 'bob');
    orThrow(await hw.events.track({ type: 'custom', name: 'activated', externalId: 'bob' }));
    expect(await settle()).toBe(0);
    for (let times = 0; times < 2; times += 1)
      orThrow(await hw.events.track({ type: 'custom', name: 'first_project', externalId: 'bob' }));
    expect(await settle()).toBe(1);
    expect(await balance('ann')).toBe(1_000n);
  });

  it('rewards the owner of an invitation for what its guest activates', async () => {
    const { hw, rule, balance, settle } = await openShop();
    await rule({ trigger: 'activation', via: 'invitation' });
    await rule({ trigger: 'redemption', via: 'code' });
    const invitation = orThrow(await hw.invitations.create({ owner: ['user', 'ann'] }));
    const entity = ['user', 'bob'] as const;
    orThrow(await hw.invitations.redeem(invitation, { entity, action: 'registered' }));
    orThrow(await hw.invitations.track(invitation, { entity, action: 'activated' }));
    expect(await settle()).toBe(1);
    expect(await balance('ann')).toBe(1_000n);
  });

  it('takes a share of a payment in its currency, held for the days of the rule', async () => {
    const { hw, rule, refer, sell, settle } = await openShop();
    await rule({
      referrer: { percent: 12.5, amountMaxMinor: 5_000n },
      holdDays: 30,
      timesMax: null,
    });
    await refer('ann', 'bob');
    await sell('bob', 999n, 'order-1');
    await sell('bob', 1_000n, 'order-2', { currency: 'JPY' });
    await sell('bob', 1_001n, 'order-3', { currency: 'KWD' });
    await sell('bob', 1_000_000n, 'order-4');
    await sell('bob', 0n, 'order-5');
    await sell('bob', undefined, 'order-6');
    await settle();
    const held = orThrow(await hw.ledger.balances(['user', 'ann']));
    expect(
      held.map(({ unit, heldMinor, availableMinor }) => [unit, heldMinor, availableMinor]),
    ).toEqual([
      ['EUR', 124n + 5_000n, 0n],
      ['JPY', 125n, 0n],
      ['KWD', 125n, 0n],
    ]);
    context.clock.moveBy(30 * day);
    const [first] = orThrow(await hw.ledger.balances(['user', 'ann']));
    expect(first).toMatchObject({ unit: 'EUR', heldMinor: 0n, availableMinor: 5_124n });
  });

  it('takes back the share of a partial refund, and the rest with the last one', async () => {
    const { hw, rule, refer, sell, refund, balance, settle } = await openShop();
    await rule({ referrer: { percent: 20 }, referee: { amountMinor: 500n, unit: 'EUR' } });
    await refer('ann', 'bob');
    await sell('bob', 3_333n, 'order-1');
    await settle();
    expect([await balance('ann'), await balance('bob')]).toEqual([666n, 500n]);
    await refund('bob', 'order-1', 1_111n);
    await settle();
    expect([await balance('ann'), await balance('bob')]).toEqual([444n, 333n]);
    await refund('bob', 'order-1', 2_222n);
    await settle();
    expect([await balance('ann'), await balance('bob')]).toEqual([0n, 0n]);
    const [reward] = orThrow(await hw.referrals.rewards.list({ side: 'referrer' })).rewards;
    const { entries } = orThrow(await hw.ledger.entries({ referenceId: reward!.id }));
    expect(entries.map(({ kind, amountMinor }) => [kind, amountMinor])).toEqual([
      ['reversal', -444n],
      ['reversal', -222n],
      ['earning', 666n],
    ]);
    expect(new Set(entries.flatMap(({ reversesId }) => reversesId ?? []))).toEqual(
      new Set([entries.at(-1)!.id]),
    );
  });

  it('takes back what a removal takes, and rewards the next payment instead', async () => {
    const { rule, refer, sell, refund, balance, settle } = await openShop();
    await rule({});
    await refer('ann', 'bob');
    await sell('bob', 100n, 'order-1');
    await sell('bob', 100n, 'order-2');
    await settle();
    expect(await balance('ann')).toBe(1_000n);
    await refund('bob', 'order-1');
    expect(await settle()).toBe(2);
    expect(await balance('ann')).toBe(1_000n);
    await refund('bob', 'order-2');
    await settle();
    expect(await balance('ann')).toBe(0n);
  });

  it('is in the ledger in full and taken back where the refund was told before it was settled', async () => {
    const { hw, rule, refer, sell, refund, balance, settle } = await openShop();
    await rule({});
    await refer('ann', 'bob');
    await sell('bob', 100n, 'order-1');
    await refund('bob', 'order-1', 100n);
    expect(await settle()).toBe(2);
    expect(await balance('ann')).toBe(0n);
    const { rewards } = orThrow(await hw.referrals.rewards.list());
    expect(rewards).toMatchObject([{ grantedMinor: 1_000n, netMinor: 0n, status: 'reversed' }]);
    expect(await settle()).toBe(0);
  });

  it('learns of a refund that somebody else told', async () => {
    const { hw, rule, refer, sell, refund, balance, settle } = await openShop();
    await rule({});
    await refer('ann', 'bob');
    await sell('bob', 100n, 'order-1');
    await settle();
    orThrow(await hw.visitors.identify({ externalId: 'accountant' }));
    await refund('accountant', 'order-1', 50n);
    await settle();
    expect(await balance('ann')).toBe(500n);
  });

  it('is not earned by what was before the rule or before the referral, nor too late', async () => {
    const { rule, refer, sell, settle } = await openShop();
    await refer('ann', 'bob');
    await sell('bob', 100n, 'order-1');
    context.clock.moveBy(hour);
    await rule({ withinDays: 10, timesMax: null });
    expect(await settle()).toBe(0);
    const before = new Date(context.clock.now() - 1);
    await sell('bob', 100n, 'order-2', { occurredAt: before });
    expect(await settle()).toBe(0);
    await sell('bob', 100n, 'order-3');
    expect(await settle()).toBe(1);
    context.clock.moveBy(11 * day);
    await sell('bob', 100n, 'order-4');
    await sell('nobody', 100n, 'order-5').catch(() => undefined);
    expect(await settle()).toBe(0);
  });

  it('judges what happened by the version of the rule that counted then', async () => {
    const { hw, rule, refer, sell, balance, settle } = await openShop();
    const { id } = await rule({ timesMax: null });
    await refer('ann', 'bob');
    const then = new Date(context.clock.now());
    context.clock.moveBy(hour);
    const second = orThrow(
      await hw.referrals.rewards.updateRule(id, { referrer: { amountMinor: 7n, unit: 'EUR' } }),
    );
    expect(second).toMatchObject({ id, version: 2, name: 'Friends' });
    await sell('bob', 100n, 'late', { occurredAt: then });
    await sell('bob', 100n, 'order-2');
    await settle();
    expect(await balance('ann')).toBe(1_007n);
    orThrow(await hw.referrals.rewards.updateRule(id, { active: false }));
    context.clock.moveBy(hour);
    await sell('bob', 100n, 'order-3');
    expect(await settle()).toBe(0);
    orThrow(await hw.referrals.rewards.archiveRule(id));
    expect(await hw.referrals.rewards.rules()).toEqual([]);
    expect((await hw.referrals.rewards.ruleVersions(id)).map(({ version }) => version)).toEqual([
      1, 2, 3, 4,
    ]);
    expect(await hw.referrals.rewards.updateRule(id, {})).toMatchObject({
      code: 'reward_rule_not_found',
    });
  });

  it('finds what was told before a rule of its time was settled', async () => {
    const { rule, refer, sell, balance, settle } = await openShop();
    await refer('ann', 'bob');
    await rule({ trigger: 'redemption' });
    await sell('bob', 100n, 'order-1');
    // Somebody adds a rule while the first one has been settled: all is looked at again.
    await settle();
    await rule({ referrer: { amountMinor: 5n, unit: 'credits' } });
    expect(await settle()).toBe(1);
    expect(await balance('ann', 'credits')).toBe(5n);
  });

  it('gives no more than the caps of an account, a code and in total, and goes on where there is room', async () => {
    const { hw, rule, refer, sell, refund, balance, settle } = await openShop();
    await rule({
      timesMax: null,
      referrer: {
        amountMinor: 1_000n,
        unit: 'EUR',
        caps: { perAccount: { amountMinor: 2_500n }, total: { rewards: 4 } },
      },
    });
    await refer('ann', 'bob');
    for (const key of ['a', 'b', 'c', 'd']) await sell('bob', 100n, key);
    await settle();
    expect(await balance('ann')).toBe(2_500n);
    const { rewards } = orThrow(await hw.referrals.rewards.list());
    expect(rewards.map(({ status, cappedMinor }) => [status, cappedMinor]).toReversed()).toEqual([
      ['available', 0n],
      ['available', 0n],
      ['available', 500n],
      ['capped', 1_000n],
    ]);
    await refer('eve', 'carl');
    for (const key of ['e', 'f']) await sell('carl', 100n, key);
    await settle();
    expect(await balance('eve')).toBe(1_000n);
    await refund('bob', 'a');
    await settle();
    await sell('carl', 100n, 'g');
    await settle();
    expect([await balance('ann'), await balance('eve')]).toEqual([1_500n, 2_000n]);
    expect(orThrow(await hw.referrals.rewards.totals())).toEqual([
      {
        side: 'referrer',
        unit: 'EUR',
        rewards: 7,
        reversed: 1,
        capped: 2,
        grantedMinor: 4_500n,
        netMinor: 3_500n,
        heldMinor: 0n,
      },
    ]);
  });

  it('counts a cap for each code', async () => {
    const { hw, rule, balance, settle } = await openShop();
    await rule({
      trigger: 'redemption',
      referrer: { amountMinor: 10n, unit: 'EUR', caps: { perCode: { rewards: 2 } } },
    });
    for (const code of ['FIRST', 'SECOND']) {
      const { id } = orThrow(await hw.referrals.createCode({ code, creatorId: 'ann' }));
      for (let friend = 0; friend < 3; friend += 1)
        orThrow(await hw.referrals.redeem({ id }, { entity: ['user', `${code} ${friend}`] }));
    }
    await settle();
    expect(await balance('ann')).toBe(40n);
  });

  it('follows a person through a merge, its undo and another merge, and never doubles', async () => {
    const { hw, rule, refer, balance, settle } = await openShop();
    await rule({ timesMax: null, referrer: { percent: 10 } });
    await refer('ann', 'bob');
    const bob = (await hw.visitors.getByExternalId('bob'))!;
    const device = orThrow(await hw.visitors.identify({ anonymousId: 'a-device-of-bob' })).visitor!;
    context.clock.moveBy(hour);
    orThrow(
      await hw.events.sale({
        visitorId: device.id,
        amountMinor: 500n,
        currency: 'EUR',
        idempotencyKey: 'on-the-device',
      }),
    );
    expect(await settle()).toBe(0);
    for (let round = 0; round < 2; round += 1) {
      orThrow(await hw.visitors.merge({ visitorId: bob.id, otherVisitorId: device.id }));
      expect(await settle()).toBe(1);
      expect(await balance('ann')).toBe(50n);
      const { merges } = orThrow(await hw.visitors.evidence(bob.id));
      const merge = merges.find(({ undoneAt }) => undoneAt === undefined || undoneAt === null)!;
      orThrow(await hw.visitors.undoMerge(merge.id));
      expect(await settle()).toBe(1);
      expect(await balance('ann')).toBe(0n);
    }
    const { rewards } = orThrow(await hw.referrals.rewards.list());
    expect(rewards).toHaveLength(1);
  });

  it('takes back what somebody has earned of themselves', async () => {
    const { hw, rule, balance, settle } = await openShop();
    await rule({ trigger: 'redemption' });
    orThrow(await hw.visitors.identify({ externalId: 'ann' }));
    const ann = (await hw.visitors.getByExternalId('ann'))!;
    const other = orThrow(await hw.visitors.identify({ anonymousId: 'a-second-self' })).visitor!;
    const code = orThrow(await hw.referrals.createCode({ creatorId: 'ann' }));
    orThrow(await hw.referrals.redeem(code, { entity: ['visitor', other.id] }));
    await settle();
    expect(await balance('ann')).toBe(1_000n);
    orThrow(await hw.visitors.merge({ visitorId: ann.id, otherVisitorId: other.id }));
    await settle();
    expect(await balance('ann')).toBe(0n);
  });

  it('is written once, whoever settles at the same time and whatever is done again', async () => {
    const { hw, workspace, rule, refer, sell, balance, settle } = await openShop();
    await rule({ timesMax: null });
    for (const friend of ['bob', 'carl', 'dora']) {
      await refer('ann', friend);
      await sell(friend, 100n, friend);
    }
    const other = createLibrary({
      ...context.another(),
      workspaces: { ...context.workspaces, first: () => Promise.resolve(workspace) },
    });
    const written = await Promise.all(
      [hw, other, hw, other].map(async (each) => (await each.referrals.rewards.settle()).entries),
    );
    expect(written.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(await balance('ann')).toBe(3_000n);
    expect((await hw.rebuild()).changed.rewards).toBe(0);
    expect(await settle()).toBe(0);
    expect(await balance('ann')).toBe(3_000n);
  });

  it('is neither lost nor doubled where a process dies before it has noted its work', async () => {
    const { rule, refer, sell, balance, settle, workspace } = await openShop();
    await rule({ timesMax: null });
    await refer('ann', 'bob');
    await sell('bob', 100n, 'order-1');
    const progress = await context.database.db
      .selectFrom('reward_progress')
      .selectAll()
      .where('workspace_id', '=', workspace.id)
      .executeTakeFirstOrThrow();
    expect(await settle()).toBe(1);
    await context.database.db
      .updateTable('reward_progress')
      .set({ snapshot: progress.snapshot })
      .where('workspace_id', '=', workspace.id)
      .execute();
    expect(await settle()).toBe(0);
    expect(await balance('ann')).toBe(1_000n);
  });

  it('is not noted as settled by work that was stopped', async () => {
    const { rule, refer, settle, workspace } = await openShop();
    await rule({ trigger: 'redemption' });
    await refer('ann', 'bob');
    expect(await settleRewards(context, workspace, { isStopped: () => true })).toEqual({
      referrals: 0,
      entries: 0,
    });
    expect(await settle()).toBe(1);
  });

  it('is looked for everywhere where the database has begun to count transactions anew', async () => {
    const { rule, refer, sell, settle, workspace } = await openShop();
    await rule({});
    await refer('ann', 'bob');
    await settle();
    await sell('bob', 100n, 'order-1');
    await context.database.db
      .updateTable('reward_progress')
      .set({ snapshot: '9000000000:9000000000:' })
      .where('workspace_id', '=', workspace.id)
      .execute();
    expect(await settle()).toBe(1);
  });

  it('is brought up by a rebuild where it was never settled', async () => {
    const { hw, rule, refer, sell, balance } = await openShop();
    await rule({});
    await refer('ann', 'bob');
    await sell('bob', 100n, 'order-1');
    expect((await hw.rebuild()).changed.rewards).toBe(1);
    expect((await hw.rebuild()).changed.rewards).toBe(0);
    expect(await balance('ann')).toBe(1_000n);
  });

  it('stays when the events that earned it are kept no longer', async () => {
    const { hw, rule, refer, sell, balance, workspace } = await openShop();
    await rule({});
    await refer('ann', 'bob');
    await sell('bob', 100n, 'order-1');
    await hw.referrals.rewards.settle();
    orThrow(await hw.privacy.forget({ externalId: 'bob' }));
    await context.database.db
      .updateTable('reward_progress')
      .set({ snapshot: null })
      .where('workspace_id', '=', workspace.id)
      .execute();
    expect((await hw.referrals.rewards.settle()).entries).toBe(0);
    expect(await balance('ann')).toBe(1_000n);
  });

  it('is given to nobody by a code without a beneficiary', async () => {
    const { hw, rule, settle } = await openShop();
    await rule({ trigger: 'redemption', referee: { amountMinor: 5n, unit: 'credits' } });
    const code = orThrow(await hw.referrals.createCode());
    orThrow(await hw.referrals.redeem(code, { entity: ['user', 'bob'] }));
    expect(await settle()).toBe(0);
  });

  it.each([
    ['name', { name: ' ' }],
    ['trigger', { trigger: 'click' }],
    ['referrer', { referrer: null }],
    ['referrer.unit', { referrer: { amountMinor: 5n } }],
    ['referrer.amountMinor', { referrer: { amountMinor: 0n, unit: 'EUR' } }],
    ['referrer', { referrer: { amountMinor: 5n, unit: 'EUR', percent: 5 } }],
    ['referrer.percent', { referrer: { percent: 100.5 } }],
    ['referrer.percent', { referrer: { percent: 1.234 } }],
    ['referrer.percent', { trigger: 'redemption', referrer: { percent: 5 } }],
    ['referee.caps.total', { referee: { percent: 5, caps: { total: {} } } }],
    ['referee.caps.total.rewards', { referee: { percent: 5, caps: { total: { rewards: 0 } } } }],
    ['holdDays', { holdDays: -1 }],
    ['timesMax', { timesMax: 0 }],
    ['withinDays', { withinDays: 0.5 }],
    ['codeIds', { codeIds: [] }],
    ['via', { via: 'link' }],
  ] as Array<[field: string, wrong: object]>)(
    'refuses a rule with a wrong %s',
    async (field, wrong) => {
      const { hw } = await openShop();
      const rule = { name: 'R', trigger: 'payment', referrer: { amountMinor: 5n, unit: 'EUR' } };
      expect(await hw.referrals.rewards.createRule({ ...rule, ...wrong } as never)).toMatchObject({
        code: 'validation_failed',
        errors: { [field]: [expect.any(String)] },
      });
    },
  );

  it('is made, changed and read over HTTP', async () => {
    const { hw, workspace, refer, sell, settle } = await openShop();
    const api = await openApi(context, workspace);
    const params = {
      name: 'Friends',
      trigger: 'payment',
      referrer: { percent: 20, amount_max: 5_000, caps: { per_account: { rewards: 3 } } },
      referee: { amount: 500, unit: 'credits' },
      hold_days: 14,
      times_max: null,
    };
    const made = await api<{ id: string }>('POST', '/referrals/reward-rules', params);
    expect(made).toMatchObject({ status: 201, body: { ...params, version: 1, active: true } });
    const { id } = made.body;
    const wrong = { hold_days: -1, referee: { amount: 5, unit: 'no unit!' } };
    expect(await api('PATCH', `/referrals/reward-rules/${id}`, wrong)).toMatchObject({
      status: 422,
      body: { errors: { hold_days: [expect.any(String)], 'referee.unit': [expect.any(String)] } },
    });
    const changed = await api('PATCH', `/referrals/reward-rules/${id}`, { referee: null });
    expect(changed).toMatchObject({ status: 200, body: { version: 2, referee: null } });
    const { codeId } = await refer('ann', 'bob');
    await sell('bob', 1_000n, 'order-1');
    await settle();
    const asked = await api<unknown[]>(
      'GET',
      `/referrals/rewards?account_id=ann&source_id=${codeId}`,
    );
    expect(asked.body).toMatchObject([
      { side: 'referrer', status: 'held', granted: 200, net: 200, capped: 0, rule_version: 2 },
    ]);
    const [{ id: rewardId }] = asked.body as [{ id: string }];
    expect((await api('GET', `/referrals/rewards/${rewardId}`)).status).toBe(200);
    expect((await api('GET', '/referrals/rewards/totals?side=referrer')).body).toEqual([
      {
        side: 'referrer',
        unit: 'EUR',
        rewards: 1,
        reversed: 0,
        capped: 0,
        granted: 200,
        net: 200,
        held: 200,
      },
    ]);
    expect(
      (await api<unknown[]>('GET', `/referrals/reward-rules/${id}/versions`)).body,
    ).toHaveLength(2);
    expect((await api('GET', `/referrals/reward-rules/${id}`)).body).toMatchObject({ version: 2 });
    expect((await api('DELETE', `/referrals/reward-rules/${id}`)).status).toBe(204);
    expect((await api('GET', '/referrals/reward-rules')).body).toEqual([]);
    expect((await api('GET', '/referrals/reward-rules?archived=true')).body).toHaveLength(1);
    for (const path of ['/referrals/rewards', '/referrals/reward-rules'])
      expect((await api('GET', `${path}/${nowhere}`)).status).toBe(404);
    expect(await hw.referrals.rewards.list({ side: 'both' as never })).toMatchObject({
      code: 'invalid_query',
    });
  });
});
