import { describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { tieReversals } from './tie-reversals.ts';
import type { ConversionToTie, ReversalToTie } from './tie-reversals.ts';

function sale(id: string, amountMinor: bigint, personId = 'ann'): ConversionToTie {
  return {
    id,
    personId,
    goal: 'sale',
    occurredAt: Number(id.slice(1)),
    amountMinor,
    currency: 'EUR',
  };
}

function refund(id: string, amountMinor: bigint, more: Partial<ReversalToTie> = {}): ReversalToTie {
  return {
    id,
    kind: 'refund',
    personId: 'ann',
    goal: 'sale',
    occurredAt: 100 + Number(id.slice(1)),
    amountMinor: -amountMinor,
    currency: 'EUR',
    named: undefined,
    ...more,
  };
}

function tied(reversals: readonly ReversalToTie[], conversions: readonly ConversionToTie[]) {
  return Object.fromEntries(tieReversals(reversals, conversions));
}

describe('what a refund takes back', () => {
  it('is what is left of the sale that it names, and nothing where it asks for more', () => {
    const named = { named: 's1' };
    expect(
      tied(
        [refund('r1', 60n, named), refund('r2', 60n, named), refund('r3', 40n, named)],
        [sale('s1', 100n)],
      ),
    ).toEqual({ r1: 's1', r3: 's1' });
  });

  it('is first what the buyer sends back, then what others take by name', () => {
    const shop = { personId: 'shop', named: 's1' };
    expect(
      tied(
        [refund('r1', 50n, shop), refund('r2', 80n), refund('r3', 20n, shop)],
        [sale('s1', 100n)],
      ),
    ).toEqual({ r2: 's1', r3: 's1' });
  });

  it('leaves what was decided of another person as it is', () => {
    const shop = { personId: 'shop', named: 's1' };
    const standing = [{ conversionId: 's1', kind: 'refund', amountMinor: -80n }] as const;
    const ties = tieReversals([refund('r1', 50n, shop)], [sale('s1', 100n)], standing);
    expect([...ties]).toEqual([]);
  });

  const world = fc.record({
    sales: fc.array(fc.record({ amount: fc.integer({ min: 0, max: 300 }), person: fc.nat(1) }), {
      minLength: 1,
      maxLength: 4,
    }),
    reversals: fc.array(
      fc.record({
        amount: fc.integer({ min: 1, max: 200 }),
        person: fc.nat(1),
        names: fc.option(fc.nat(3)),
        isRemoval: fc.boolean(),
      }),
      { maxLength: 8 },
    ),
    shuffle: fc.infiniteStream(fc.nat()),
  });

  it('is never more than a sale was worth, whoever asks and in whatever order it is told', () => {
    fc.assert(
      fc.property(world, ({ sales, reversals, shuffle }) => {
        const conversions = sales.map(({ amount, person }, index) =>
          sale(`s${index}`, BigInt(amount), `p${person}`),
        );
        const given = reversals.map(({ amount, person, names, isRemoval }, index) =>
          refund(`r${index}`, isRemoval ? 0n : BigInt(amount), {
            personId: `p${person}`,
            named: names === null ? undefined : `s${names}`,
            kind: isRemoval ? 'removal' : 'refund',
          }),
        );
        const ties = tied(given, conversions);
        for (const { id, amountMinor = 0n } of conversions) {
          const own = given.filter((reversal) => ties[reversal.id] === id);
          const taken = own.reduce((sum, reversal) => sum - reversal.amountMinor, 0n);
          expect(taken).toBeLessThanOrEqual(amountMinor);
          expect(own.filter(({ kind }) => kind === 'removal').length).toBeLessThanOrEqual(1);
        }
        const anyhow = given
          .map((reversal) => ({ reversal, rank: shuffle.next().value as number }))
          .toSorted((a, b) => a.rank - b.rank)
          .map(({ reversal }) => reversal);
        expect(tied(anyhow, conversions.toReversed())).toEqual(ties);
      }),
      { numRuns: 2_000 },
    );
  });
});
