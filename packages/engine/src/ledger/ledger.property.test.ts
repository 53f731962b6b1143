import { afterAll, beforeAll, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import { day } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import type { LedgerEntry } from './ledger-entry.ts';

let context: TestContext;
beforeAll(async () => {
  context = await openTestContext('pglite');
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());

/** Units with 0, 2 and 3 decimals, and one of the host's own. */
const units = ['JPY', 'EUR', 'KWD', 'credits'];
const step = fc.record({
  what: fc.constantFrom(
    'give',
    'give',
    'take',
    'hold',
    'reverse',
    'reverse all',
    'pay',
    'repeat',
    'wait',
  ),
  account: fc.nat(1),
  unit: fc.nat(units.length - 1),
  amount: fc.bigInt({ min: 1n, max: 10_000n }),
  which: fc.nat(),
});

it('adds up: balances are sums, nothing is taken back twice, and every key counts once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 15, maxLength: 40, size: 'max' }),
      async (steps) => {
        const { hw } = await openNewPeople(context);
        const made: LedgerEntry[] = [];
        const done: Array<() => Promise<unknown>> = [];
        const left = (entry: LedgerEntry): bigint =>
          made.reduce(
            (sum, { reversesId, amountMinor }) =>
              reversesId === entry.id ? sum + amountMinor : sum,
            entry.amountMinor,
          );
        const isHeld = ({ heldUntil }: LedgerEntry): boolean =>
          heldUntil !== null && heldUntil.getTime() > context.clock.now();
        for (const [
          index,
          { what, account: user, unit: number, amount, which },
        ] of steps.entries()) {
          const account = ['user', `u${user}`] as const;
          const unit = units[number]!;
          const idempotencyKey = `k${index}`;
          const own = made.filter(
            (entry) => entry.account.id === account[1] && entry.unit === unit,
          );
          const note = (result: { readonly entry: LedgerEntry; readonly repeated: boolean }) => {
            expect(result.repeated).toBe(false);
            made.push(result.entry);
          };
          if (what === 'wait') context.clock.moveBy(day);
          else if (what === 'repeat') {
            const again = done[which % Math.max(done.length, 1)];
            if (again !== undefined)
              expect(await again()).toMatchObject({ ok: true, value: { repeated: true } });
          } else if (what === 'pay') {
            const available = own
              .filter((entry) => !isHeld(entry))
              .reduce((sum, entry) => sum + entry.amountMinor, 0n);
            const call = () =>
              hw.ledger.payOut({ account, unit, amountMinor: amount, idempotencyKey });
            const answer = await call();
            expect(answer.ok).toBe(amount <= available);
            if (!answer.ok) continue;
            note(answer.value);
            done.push(call);
          } else if (what === 'reverse' || what === 'reverse all') {
            const entry = made[which % Math.max(made.length, 1)];
            if (entry === undefined) continue;
            const size = left(entry) < 0n ? -left(entry) : left(entry);
            const call = () =>
              hw.ledger.reverse(entry, {
                idempotencyKey,
                ...(what === 'reverse' && { amountMinor: amount }),
              });
            const answer = await call();
            const may =
              entry.reversesId === null && size > 0n && (what === 'reverse all' || amount <= size);
            expect(answer.ok).toBe(may);
            if (!answer.ok) continue;
            note(answer.value);
            done.push(call);
          } else {
            const heldUntil = what === 'hold' ? new Date(context.clock.now() + 2 * day) : undefined;
            const amountMinor = what === 'take' ? -amount : amount;
            const call = () =>
              hw.ledger.adjust({ account, unit, amountMinor, idempotencyKey, heldUntil });
            note(orThrow(await call()));
            done.push(call);
          }
        }
        for (const user of ['u0', 'u1']) {
          const balances = orThrow(await hw.ledger.balances(['user', user]));
          const own = made.filter(({ account }) => account.id === user);
          expect(balances.map(({ unit }) => unit)).toEqual(
            [...new Set(own.map(({ unit }) => unit))].sort(),
          );
          for (const balance of balances) {
            const sum = (matches: (entry: LedgerEntry) => boolean): bigint =>
              own
                .filter((entry) => entry.unit === balance.unit && matches(entry))
                .reduce((total, { amountMinor }) => total + amountMinor, 0n);
            expect(balance).toEqual({
              unit: balance.unit,
              balanceMinor: sum(() => true),
              heldMinor: sum(isHeld),
              availableMinor: sum((entry) => !isHeld(entry)),
              paidMinor: -sum(({ kind }) => kind === 'payout' || kind === 'payout_reversal'),
            });
          }
          const { entries } = orThrow(
            await hw.ledger.entries({ account: ['user', user], limit: 200 }),
          );
          expect(entries).toEqual(own.toReversed());
        }
        for (const entry of made.filter(({ reversesId }) => reversesId === null))
          expect(left(entry) * entry.amountMinor >= 0n).toBe(true);
      },
    ),
    { numRuns: 25, endOnFailure: true },
  );
}, 240_000);
