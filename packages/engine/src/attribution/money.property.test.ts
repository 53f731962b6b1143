import { expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { balanceOf } from './conversion.ts';
import { creditLines, weightsOf } from './credit-lines.ts';
import { eligibleTouches } from './models/eligible-touches.ts';
import type { RuleModel } from './models/model-definition.ts';
import { parseModel } from './models/model.ts';
import type { Touch } from './models/path.ts';
import { ruleModels } from './models/rule-models.ts';
import { tieReversals } from './tie-reversals.ts';
import type { ConversionToTie, ReversalToTie } from './tie-reversals.ts';

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

type Owned<T> = Omit<T, 'personId'> & { readonly visitor: number };

/** What happened to some visitors: what they came by, bought, and sent back. */
interface World {
  readonly touches: ReadonlyArray<Touch & { readonly visitor: number }>;
  readonly sales: ReadonlyArray<Owned<ConversionToTie> & { readonly amountMinor: bigint }>;
  readonly reversals: ReadonlyArray<Owned<ReversalToTie>>;
}

const visitors = 4;
const salesOfWorld = 10;

function worldOf(random: () => number): World {
  const below = (limit: number): number => Math.floor(random() * limit);
  const currency = (): string => (random() < 0.8 ? 'EUR' : 'JPY');
  const touches = Array.from({ length: below(9) }, (_, index) => ({
    id: `t${index}`,
    visitor: below(visitors),
    occurredAt: below(1_000),
    channel: ['ads', 'mail', 'direct', 'blog'][below(4)]!,
    kind: random() < 0.3 ? ('direct' as const) : ('campaign' as const),
    paid: random() < 0.4,
  }));
  const sales = Array.from({ length: salesOfWorld }, (_, index) => ({
    id: `s${index}`,
    visitor: below(visitors),
    goal: 'sale' as const,
    occurredAt: below(1_000),
    amountMinor: BigInt(below(3) === 0 ? below(4) : below(100_000)),
    currency: currency(),
  }));
  const reversals = Array.from({ length: below(8) }, (_, index) => {
    const isRemoval = random() < 0.2;
    return {
      id: `r${index}`,
      visitor: below(visitors),
      kind: isRemoval ? ('removal' as const) : ('refund' as const),
      goal: 'sale' as const,
      occurredAt: below(1_500),
      amountMinor: isRemoval ? 0n : -BigInt(1 + below(60_000)),
      currency: isRemoval ? undefined : currency(),
      named: random() < 0.5 ? `s${below(salesOfWorld + 2)}` : undefined,
    };
  });
  return { touches, sales, reversals };
}

/** Who visitors are: by their number, the person. */
type People = readonly number[];

/** What each touch, nobody, and what takes back nothing that is known has of all money, by currency. */
function credit(world: World, people: People, model: RuleModel) {
  const personOf = ({ visitor }: { readonly visitor: number }): string => `p${people[visitor]}`;
  const ties = tieReversals(
    world.reversals.map((reversal) => ({ ...reversal, personId: personOf(reversal) })),
    world.sales.map((sale) => ({ ...sale, personId: personOf(sale) })),
  );
  const earned = new Map<string, bigint>();
  const add = (key: string, amount: bigint): void => {
    if (amount !== 0n) earned.set(key, (earned.get(key) ?? 0n) + amount);
  };
  let exact = true;
  for (const sale of world.sales) {
    const own = world.reversals.filter(({ id }) => ties.get(id) === sale.id);
    const balance = balanceOf(
      sale.amountMinor,
      own.map((reversal) => ({ ...reversal, recordedAt: reversal.occurredAt })),
    );
    if (balance.netMinor < 0n) exact = false;
    const touches = eligibleTouches(
      world.touches.filter((touch) => personOf(touch) === personOf(sale)),
      sale,
    );
    const path = { touches, conversion: { ...sale, leadAt: undefined } };
    const weights = touches.length === 0 ? [1] : weightsOf(model, path);
    const lines = creditLines(weights, true, sale, balance.reversals);
    for (const line of lines) {
      if (sum(line.amountsMinor) !== line.amountMinor) exact = false;
      for (const [index, amount] of line.amountsMinor.entries())
        add(`${sale.currency} ${touches[index]?.id ?? 'nobody'}`, amount);
    }
    if (sum(lines.map(({ amountMinor }) => amountMinor)) !== balance.netMinor) exact = false;
  }
  for (const reversal of world.reversals)
    if (reversal.kind === 'refund' && !ties.has(reversal.id))
      add(`${reversal.currency} loose`, reversal.amountMinor);
  const removed = new Map(
    world.sales.map((sale) => [
      sale.id,
      world.reversals.some(({ id, kind }) => kind === 'removal' && ties.get(id) === sale.id),
    ]),
  );
  return { earned, exact, ties, removed };
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

/** What came in less what went back, by currency: whatever the people and the model. */
function booked(world: World, { ties, removed }: ReturnType<typeof credit>): Map<string, bigint> {
  const totals = new Map<string, bigint>();
  const add = (currency: string, amount: bigint): void => {
    totals.set(currency, (totals.get(currency) ?? 0n) + amount);
  };
  for (const sale of world.sales)
    if (removed.get(sale.id) !== true) add(sale.currency!, sale.amountMinor);
  for (const reversal of world.reversals)
    if (reversal.kind === 'refund' && removed.get(ties.get(reversal.id) ?? '') !== true)
      add(reversal.currency!, reversal.amountMinor);
  return totals;
}

it('adds up over a million sales with refunds and removals, before merges and after them', () => {
  const random = randomFrom(4_091_733);
  const apart: People = Array.from({ length: visitors }, (_, visitor) => visitor);
  let wrong = 0;
  for (let sales = 0; sales < 1_000_000; sales += salesOfWorld) {
    const world = worldOf(random);
    const model = additive[Math.floor(random() * additive.length)]!;
    const before = credit(world, apart, model);
    // Two merges, one of them of three; taking one back is the state before it.
    const [first, second] = [Math.floor(random() * visitors), Math.floor(random() * visitors)];
    const joined = apart.map((person) => (person === first ? second : person));
    const third = Math.floor(random() * visitors);
    const more = joined.map((person) => (person === third ? joined[first]! : person));
    const merged = credit(world, more, model);
    for (const state of [before, merged]) {
      if (!state.exact) wrong += 1;
      const totals = new Map<string, bigint>();
      for (const [key, amount] of state.earned) {
        const currency = key.slice(0, 3);
        totals.set(currency, (totals.get(currency) ?? 0n) + amount);
      }
      for (const [currency, amount] of booked(world, state))
        if ((totals.get(currency) ?? 0n) !== amount) wrong += 1;
    }
  }
  expect(wrong).toBe(0);
}, 300_000);
