import { describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { balanceOf } from './conversion.ts';
import type { Reversal } from './conversion.ts';
import { creditLines, weightsOf } from './credit-lines.ts';
import type { RuleModel } from './models/model-definition.ts';
import { parseModel } from './models/model.ts';
import { ruleModels } from './models/rule-models.ts';
import type { Path, Touch } from './models/path.ts';
import { orThrow } from '../kernel/result.ts';

const additive = Object.keys(ruleModels)
  .map((name) => orThrow(parseModel(name)) as RuleModel)
  .filter((model) => model.additive);

/** Numbers from 0 up to 1, the same ones for the same seed (Marsaglia's xorshift32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function reversal(id: number, kind: Reversal['kind'], amountMinor: bigint): Reversal {
  return { id: String(id).padStart(3, '0'), kind, occurredAt: id, recordedAt: id, amountMinor };
}

function pathOf(random: () => number): Path {
  const touches = Array.from({ length: 1 + Math.floor(random() * 6) }, (_, index): Touch => ({
    id: String(index),
    occurredAt: index * 1_000 + Math.floor(random() * 1_000),
    channel: ['ads', 'mail', 'direct', 'blog'][Math.floor(random() * 4)] ?? '',
    kind: random() < 0.3 ? 'direct' : 'campaign',
    paid: random() < 0.4,
  }));
  const leadAt = random() < 0.3 ? Math.floor(random() * 6_000) : undefined;
  return { touches, conversion: { occurredAt: 1e6, amountMinor: 0n, leadAt } };
}

/** What is left of a conversion by touch, and whether every step added up. */
function settle(
  weights: readonly number[],
  amountMinor: bigint,
  reversals: readonly Reversal[],
): { readonly perTouch: readonly bigint[]; readonly exact: boolean } {
  const balance = balanceOf(amountMinor, reversals);
  const given = { id: 'conversion', occurredAt: 0, amountMinor };
  const lines = creditLines(weights, true, given, balance.reversals);
  const perTouch = weights.map((_, touch) =>
    lines.reduce((total, line) => total + (line.amountsMinor[touch] ?? 0n), 0n),
  );
  const exact =
    lines.every((line) => sum(line.amountsMinor) === line.amountMinor) &&
    sum(perTouch) === balance.netMinor;
  return { perTouch, exact };
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

describe('the rows of credit of a conversion', () => {
  it('add up to its value less refunds, over a million conversions, refunds and removals', () => {
    const random = randomFrom(20_261_121);
    let amounts = 0;
    let wrong = 0;
    for (let round = 0; amounts < 1_000_000; round += 1) {
      const path = pathOf(random);
      const model = additive[round % additive.length]!;
      const weights = weightsOf(model, path);
      const amount = BigInt(Math.floor(random() ** 4 * 1e12));
      const refunds = Array.from({ length: Math.floor(random() * 3) }, (_, index) =>
        random() < 0.2
          ? reversal(index, 'removal', 0n)
          : reversal(index, 'refund', -BigInt(Math.floor(random() * Number(amount)))),
      );
      if (!settle(weights, amount, refunds).exact) wrong += 1;
      amounts += 1 + refunds.length;
    }
    expect({ wrong, enough: amounts >= 1_000_000 }).toEqual({ wrong: 0, enough: true });
  }, 120_000);

  it('leave every touch with nothing once all went back, however it went', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        (parts, seed) => {
          const path = pathOf(randomFrom(seed));
          const refunds = parts.map((part, index) => reversal(index, 'refund', -part));
          for (const model of additive) {
            const { perTouch, exact } = settle(weightsOf(model, path), sum(parts), refunds);
            expect(exact).toBe(true);
            expect(perTouch.every((amount) => amount === 0n)).toBe(true);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('leave the same to each touch, in whatever order the refunds were made', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 0n, max: 1_000n }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        (parts, seed) => {
          const weights = weightsOf(additive[4]!, pathOf(randomFrom(seed)));
          const inOrder = parts.map((part, index) => reversal(index, 'refund', -part));
          const backwards = parts
            .toReversed()
            .map((part, index) => reversal(index, 'refund', -part));
          expect(settle(weights, 10_000n, inOrder).perTouch).toEqual(
            settle(weights, 10_000n, backwards).perTouch,
          );
        },
      ),
    );
  });
});

describe('a removal', () => {
  it('takes what the refunds leave, whenever they were', () => {
    const balance = balanceOf(100n, [
      reversal(2, 'removal', 0n),
      reversal(1, 'refund', -30n),
      reversal(3, 'refund', -20n),
      reversal(4, 'removal', 0n),
    ]);
    expect(balance).toMatchObject({
      removed: true,
      netMinor: 0n,
      reversals: [
        { amountMinor: -30n },
        { amountMinor: -50n },
        { amountMinor: -20n },
        { amountMinor: 0n },
      ],
    });
  });
});
