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

/** With 0, 2 and 3 decimals. */
const currencies = ['JPY', 'EUR', 'KWD'];
const customers = ['c0', 'c1'];
const basisPoints = 1_234n;

const happening = fc.record({
  what: fc.constantFrom(
    'sale',
    'sale',
    'sale elsewhere',
    'sale elsewhere',
    'refund',
    'refund',
    'removal',
    'merge',
    'undo',
    'reject',
    'approve',
    'pay',
    'settle twice',
    'rebuild',
  ),
  customer: fc.nat(customers.length - 1),
  currency: fc.nat(currencies.length - 1),
  amount: fc.integer({ min: 1, max: 99_999 }),
  which: fc.nat(),
  /** Whether commissions are settled right after it, or with the next one that says so. */
  settles: fc.boolean(),
});

interface Sale {
  readonly id: string;
  readonly key: string;
  readonly customer: number;
  /** On a device that is the customer's only while both are merged. */
  readonly isElsewhere: boolean;
  readonly currency: string;
  readonly amount: bigint;
  refunded: bigint;
  removed: boolean;
  rejected: boolean;
}

/** What the commission of one sale comes to, told from the sale alone. */
function expectedOf({ amount, refunded, removed, rejected }: Sale): bigint {
  if (removed || rejected || refunded >= amount) return 0n;
  return (((amount * basisPoints) / 10_000n) * (amount - refunded)) / amount;
}

it('owes each partner their share of what is left of every sale, less what was paid, in whatever order things happen', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 15, maxLength: 35, size: 'max' }),
      async (happenings) => {
        const { hw, workspace } = await openNewPeople(context);
        const other = createLibrary({
          ...context.another(),
          workspaces: { ...context.workspaces, first: () => Promise.resolve(workspace) },
        });
        const program = orThrow(
          await hw.partners.programs.create({
            name: 'Sales',
            rules: [
              {
                name: 'sales',
                trigger: 'sale',
                terms: { percent: 12.34 },
                timesMax: null,
                holdDays: 7,
              },
            ],
          }),
        );
        const sales: Sale[] = [];
        const people: Array<{ visitor: string; device: string; partner: string }> = [];
        for (const customer of customers) {
          const visitor = orThrow(await hw.visitors.identify({ externalId: customer })).visitor!.id;
          const device = orThrow(await hw.visitors.identify({ anonymousId: `device ${customer}` }))
            .visitor!.id;
          const partner = orThrow(
            await hw.partners.create({
              key: `p-${customer}`,
              name: customer,
              programId: program.id,
            }),
          ).id;
          orThrow(
            await hw.events.track({
              type: 'custom',
              name: 'came',
              visitorId: visitor,
              partnerId: partner,
            }),
          );
          people.push({ visitor, device, partner });
        }
        const isMerged = async (customer: number): Promise<boolean> => {
          const { visitor, device } = people[customer]!;
          return (await hw.visitors.get(device))?.id === (await hw.visitors.get(visitor))?.id;
        };
        for (const [index, one] of happenings.entries()) {
          const { what, customer, which } = one;
          context.clock.moveBy(which % 7 === 0 ? 2 * day : minute);
          const own = sales.filter((sale) => sale.customer === customer && !sale.removed);
          const sale = own[which % Math.max(own.length, 1)];
          const { visitor, device } = people[customer]!;
          switch (what) {
            case 'sale':
            case 'sale elsewhere': {
              const isElsewhere = what === 'sale elsewhere';
              const currency = currencies[one.currency]!;
              const key = `sale-${index}`;
              const amount = BigInt(one.amount);
              const told = orThrow(
                await hw.events.sale({
                  visitorId: isElsewhere ? device : visitor,
                  amountMinor: amount,
                  currency,
                  idempotencyKey: key,
                }),
              );
              const made = { id: told.eventId, key, customer, isElsewhere, currency, amount };
              sales.push({ ...made, refunded: 0n, removed: false, rejected: false });
              break;
            }
            case 'refund':
            case 'removal': {
              if (sale === undefined) break;
              const left = sale.amount - sale.refunded;
              const part = BigInt(one.amount) < left ? BigInt(one.amount) : left;
              if (what === 'refund' && part === 0n) break;
              if (what === 'removal') sale.removed = true;
              else sale.refunded += part;
              orThrow(
                await hw.events.track({
                  type: 'refund',
                  visitorId: visitor,
                  refundOfKey: sale.key,
                  ...(what === 'refund' && { amountMinor: part, currency: sale.currency }),
                }),
              );
              break;
            }
            case 'merge':
              if (!(await isMerged(customer)))
                orThrow(await hw.visitors.merge({ visitorId: visitor, otherVisitorId: device }));
              break;
            case 'undo': {
              if (!(await isMerged(customer))) break;
              const { merges } = orThrow(await hw.visitors.evidence(visitor));
              orThrow(
                await hw.visitors.undoMerge(
                  merges.find(({ undoneAt }) => undoneAt === undefined)!.id,
                ),
              );
              break;
            }
            case 'reject':
            case 'approve': {
              const { commissions } = orThrow(await hw.partners.commissions.list({ limit: 200 }));
              const chosen = commissions[which % Math.max(commissions.length, 1)];
              if (chosen === undefined) break;
              const decision = what === 'reject' ? 'rejected' : 'approved';
              orThrow(await hw.partners.commissions.decide(chosen, { decision }));
              sales.find(({ id }) => id === chosen.triggerId)!.rejected = what === 'reject';
              break;
            }
            case 'pay': {
              const { payouts } = orThrow(await hw.partners.payouts.make());
              for (const [nth, payout] of payouts.entries())
                orThrow(
                  await hw.partners.payouts.mark(payout, {
                    status: (which + nth) % 3 === 0 ? 'failed' : 'paid',
                  }),
                );
              break;
            }
            case 'settle twice':
              await Promise.all([
                hw.partners.commissions.settle(),
                other.partners.commissions.settle(),
              ]);
              break;
            case 'rebuild':
              await hw.rebuild();
              break;
            default:
              what satisfies never;
          }
          if (one.settles) await hw.partners.commissions.settle();
        }
        await hw.partners.commissions.settle();

        const merged = await Promise.all(customers.map((_, customer) => isMerged(customer)));
        const { payouts } = orThrow(await hw.partners.payouts.list({ limit: 200 }));
        for (const [customer, { partner }] of people.entries()) {
          const balances = orThrow(await hw.ledger.balances(['partner', partner]));
          for (const currency of currencies) {
            const earned = sales
              .filter((sale) => sale.customer === customer && sale.currency === currency)
              .filter((sale) => !sale.isElsewhere || merged[customer] === true)
              .reduce((sum, sale) => sum + expectedOf(sale), 0n);
            const paid = payouts
              .filter(({ partnerId, unit }) => partnerId === partner && unit === currency)
              .filter(({ status }) => status !== 'failed')
              .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
            const balance = balances.find(({ unit }) => unit === currency);
            expect(balance?.balanceMinor ?? 0n).toBe(earned - paid);
            expect(balance?.paidMinor ?? 0n).toBe(paid);
          }
        }

        // Each commission is the sum of its entries, and nothing is taken back more than it was.
        const entries = [];
        for await (const page of orThrow(await hw.ledger.export())) entries.push(...page);
        for (const entry of entries.filter(({ kind }) => kind === 'earning' || kind === 'payout')) {
          const left = entries
            .filter(({ reversesId }) => reversesId === entry.id)
            .reduce((sum, { amountMinor }) => sum + amountMinor, entry.amountMinor);
          expect(entry.kind === 'earning' ? left >= 0n : left <= 0n).toBe(true);
        }
        const { commissions } = orThrow(await hw.partners.commissions.list({ limit: 200 }));
        expect(new Set(commissions.map(({ triggerId }) => triggerId)).size).toBe(
          commissions.length,
        );
        for (const commission of commissions)
          expect(
            entries
              .filter(({ reference }) => reference?.id === commission.id)
              .reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
          ).toBe(commission.netMinor);

        // Everything again changes nothing.
        expect(await hw.partners.commissions.settle({ all: true })).toMatchObject({ entries: 0 });
        expect((await hw.rebuild()).changed.rewards).toBe(0);
      },
    ),
    { numRuns: 10, endOnFailure: true },
  );
}, 300_000);
