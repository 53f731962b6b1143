import { afterAll, beforeAll, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import { day, minute } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createLibrary } from '../library.ts';

let context: TestContext;
beforeAll(async () => {
  context = await openTestContext('pglite');
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());

const currencies = ['JPY', 'EUR', 'KWD'];
const friends = ['f0', 'f1'];
const happening = fc.record({
  what: fc.constantFrom(
    'sale',
    'sale',
    'sale elsewhere',
    'sale elsewhere',
    'refund',
    'refund',
    'removal',
    'reverse',
    'redeem',
    'merge',
    'undo',
    'undo',
    'settle twice',
    'rebuild',
  ),
  friend: fc.nat(friends.length - 1),
  currency: fc.nat(currencies.length - 1),
  amount: fc.integer({ min: 1, max: 99_999 }),
  which: fc.nat(),
  /** Whether rewards are settled right after it, or with the next one that says so. */
  settles: fc.boolean(),
});

interface Sale {
  readonly key: string;
  readonly friend: number;
  /** On a device that is the friend's only while both are merged. */
  readonly isElsewhere: boolean;
  readonly currency: string;
  readonly amount: bigint;
  readonly at: number;
  refunded: bigint;
  removed: boolean;
}

interface Referral {
  redemptionId: string;
  readonly at: number;
  /** Sales that it had earned by; what comes under another referral is that one's. */
  isActive: boolean;
}

/** What the percentage of one sale comes to, told from the sale alone. */
function expectedOf({ amount, refunded, removed }: Sale, basisPoints: bigint): bigint {
  if (removed || refunded >= amount) return 0n;
  return (((amount * basisPoints) / 10_000n) * (amount - refunded)) / amount;
}

it('gives each side its share of what is left of every payment, in whatever order things happen', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 20, maxLength: 45, size: 'max' }),
      async (happenings) => {
        const { hw, workspace } = await openNewPeople(context);
        const other = createLibrary({
          ...context.another(),
          workspaces: { ...context.workspaces, first: () => Promise.resolve(workspace) },
        });
        const { id: ruleId } = orThrow(
          await hw.referrals.rewards.createRule({
            name: 'Both',
            trigger: 'payment',
            referrer: { percent: 12.34 },
            referee: { percent: 5 },
            timesMax: null,
            holdDays: 7,
          }),
        );
        const code = orThrow(await hw.referrals.createCode({ creatorId: 'owner', usesMax: 100 }));
        const sales: Sale[] = [];
        const referrals: (Referral | undefined)[] = friends.map(() => undefined);
        const people: Array<{ visitor: string; device: string }> = [];
        for (const friend of friends) {
          const visitor = orThrow(await hw.visitors.identify({ externalId: friend })).visitor!;
          const device = orThrow(
            await hw.visitors.identify({ anonymousId: `device of ${friend}` }),
          );
          people.push({ visitor: visitor.id, device: device.visitor!.id });
        }
        // A rebuild may keep apart what was undone once: who is one person is told by identity, not here.
        const isMerged = async (friend: number): Promise<boolean> => {
          const { visitor, device } = people[friend]!;
          return (await hw.visitors.get(device))?.id === (await hw.visitors.get(visitor))?.id;
        };
        const redeem = async (friend: number): Promise<void> => {
          const { redemption } = orThrow(
            await hw.referrals.redeem(code, { entity: ['user', friends[friend]!] }),
          );
          const at = context.clock.now();
          referrals[friend] = { redemptionId: redemption.id, at, isActive: true };
        };
        await redeem(0);
        for (const [
          index,
          { what, friend, currency: number, amount, which, settles },
        ] of happenings.entries()) {
          context.clock.moveBy(which % 7 === 0 ? 2 * day : minute);
          const own = sales.filter((sale) => sale.friend === friend && !sale.removed);
          const sale = own[which % Math.max(own.length, 1)];
          const at = context.clock.now();
          switch (what) {
            case 'sale':
            case 'sale elsewhere': {
              const isElsewhere = what === 'sale elsewhere';
              const currency = currencies[number]!;
              const key = `sale-${index}`;
              const made = { key, friend, isElsewhere, currency, amount: BigInt(amount), at };
              sales.push({ ...made, refunded: 0n, removed: false });
              orThrow(
                await hw.events.sale({
                  visitorId: people[friend]![isElsewhere ? 'device' : 'visitor'],
                  amountMinor: BigInt(amount),
                  currency,
                  idempotencyKey: key,
                }),
              );
              break;
            }
            case 'refund':
            case 'removal': {
              if (sale === undefined) break;
              const left = sale.amount - sale.refunded;
              const part = BigInt(amount) < left ? BigInt(amount) : left;
              if (what === 'refund' && part === 0n) break;
              if (what === 'removal') sale.removed = true;
              else sale.refunded += part;
              orThrow(
                await hw.events.track({
                  type: 'refund',
                  visitorId: people[friend]!.visitor,
                  refundOfKey: sale.key,
                  ...(what === 'refund' && { amountMinor: part, currency: sale.currency }),
                }),
              );
              break;
            }
            case 'redeem':
              if (referrals[friend]?.isActive !== true) await redeem(friend);
              break;
            case 'reverse': {
              const referral = referrals[friend];
              if (referral?.isActive !== true) break;
              referral.isActive = false;
              orThrow(await hw.referrals.reverse(referral.redemptionId));
              break;
            }
            case 'merge': {
              const { visitor, device } = people[friend]!;
              if (!(await isMerged(friend)))
                orThrow(await hw.visitors.merge({ visitorId: visitor, otherVisitorId: device }));
              break;
            }
            case 'undo': {
              if (!(await isMerged(friend))) break;
              const { merges } = orThrow(await hw.visitors.evidence(people[friend]!.visitor));
              const merge = merges.find(({ undoneAt }) => undoneAt === undefined)!;
              orThrow(await hw.visitors.undoMerge(merge.id));
              break;
            }
            case 'settle twice':
              await Promise.all([hw.referrals.rewards.settle(), other.referrals.rewards.settle()]);
              break;
            case 'rebuild':
              await hw.rebuild();
              break;
            default:
              what satisfies never;
          }
          if (settles) await hw.referrals.rewards.settle();
        }
        await hw.referrals.rewards.settle();

        const merged = await Promise.all(friends.map((_, friend) => isMerged(friend)));
        const earns = (sale: Sale): boolean => {
          const referral = referrals[sale.friend];
          if (referral?.isActive !== true || sale.at < referral.at) return false;
          return !sale.isElsewhere || merged[sale.friend] === true;
        };
        const sumOf = (
          who: (sale: Sale) => boolean,
          basisPoints: bigint,
          currency: string,
        ): bigint =>
          sales
            .filter((sale) => sale.currency === currency && who(sale) && earns(sale))
            .reduce((sum, sale) => sum + expectedOf(sale, basisPoints), 0n);
        const balanceOf = async (user: string, currency: string): Promise<bigint> =>
          orThrow(await hw.ledger.balances(['user', user])).find(({ unit }) => unit === currency)
            ?.balanceMinor ?? 0n;
        for (const currency of currencies) {
          expect(await balanceOf('owner', currency)).toBe(sumOf(() => true, 1_234n, currency));
          for (const [index, friend] of friends.entries())
            expect(await balanceOf(friend, currency)).toBe(
              sumOf((sale) => sale.friend === index, 500n, currency),
            );
        }

        // Each reward is the sum of its entries, and no earning is taken back more than once.
        const entries = [];
        const pages = orThrow(await hw.ledger.export());
        for await (const page of pages) entries.push(...page);
        for (const earning of entries.filter(({ kind }) => kind === 'earning')) {
          const taken = entries
            .filter(({ reversesId }) => reversesId === earning.id)
            .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
          expect(earning.amountMinor + taken).toBeGreaterThanOrEqual(0n);
        }
        const rewards = await everyReward(hw, ruleId);
        expect(
          new Set(
            rewards.map(({ triggerId, side, referralId }) => `${triggerId} ${side} ${referralId}`),
          ).size,
        ).toBe(rewards.length);
        for (const reward of rewards)
          expect(
            entries
              .filter(({ reference }) => reference?.id === reward.id)
              .reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
          ).toBe(reward.netMinor);

        // Everything again changes nothing.
        expect((await hw.rebuild()).changed.rewards).toBe(0);
      },
    ),
    { numRuns: 15, endOnFailure: true },
  );
}, 300_000);

async function everyReward(hw: ReturnType<typeof createLibrary>, ruleId: string) {
  const rewards = [];
  for (let cursor: string | undefined; ;) {
    const page = orThrow(await hw.referrals.rewards.list({ ruleId, limit: 200, cursor }));
    rewards.push(...page.rewards);
    cursor = page.nextCursor;
    if (cursor === undefined) return rewards;
  }
}
