import type { Money } from '../kernel/money.ts';
import type { ChosenModel } from './chosen-model.ts';
import { subjectOf } from './dimension.ts';
import type { RowSubject } from './dimension.ts';
import type { Earned, Tally } from './tally-credits.ts';

/** What a row has earned under one model. */
export interface RowCredit {
  /** Parts of conversions: they add up to the conversions, except under participation. */
  readonly conversions: number;
  /** Of all conversions, the unattributed ones among them. */
  readonly share: number;
  /** Sorted by currency. The rows add up to the total exactly, except under participation. */
  readonly revenue: readonly Money[];
  /** Markov: the part of all conversions that would be lost without it. */
  readonly removalEffect?: number;
  /** Sampled Shapley: the standard error of `conversions`. */
  readonly standardError?: number;
}

/** Between which numbers a row lies, whatever of the models one believes; participation is left out. */
export interface CreditRange {
  readonly conversions: { readonly min: number; readonly max: number };
  readonly revenue: ReadonlyArray<{
    readonly currency: string;
    readonly minAmountMinor: bigint;
    readonly maxAmountMinor: bigint;
  }>;
}

export interface ReportRow extends RowSubject {
  /** What people call the value: of a link its domain and key. */
  readonly label: string | undefined;
  /** By model. */
  readonly credits: Readonly<Record<string, RowCredit>>;
  readonly range: CreditRange;
  /** Of the period before, where that was asked for. */
  readonly previous: Readonly<Record<string, RowCredit>> | undefined;
}

export interface ReportSort {
  /** @default 'conversions' */
  readonly by?: 'conversions' | 'revenue' | 'value' | undefined;
  /** The model whose numbers count. @default the first */
  readonly model?: string | undefined;
  /** @default 'desc', for values 'asc' */
  readonly order?: 'asc' | 'desc' | undefined;
}

interface Settings {
  readonly models: readonly ChosenModel[];
  readonly tally: Tally;
  readonly previous: Tally | undefined;
  readonly sort: ReportSort;
  /** Revenue is compared in this currency. */
  readonly currency: string;
}

/** The rows of a report in their order, without labels. */
export function toReportRows({ models, tally, previous, sort, currency }: Settings): ReportRow[] {
  const keys = new Set<string>();
  for (const rows of [...tally.byModel.values(), ...(previous?.byModel.values() ?? [])])
    for (const key of rows.keys()) keys.add(key);
  const { by = 'conversions', order = by === 'value' ? 'asc' : 'desc' } = sort;
  const model = sort.model ?? models[0]?.key ?? '';
  const weigh = (key: string): number | bigint => {
    const earned = tally.byModel.get(model)?.get(key);
    return by === 'revenue' ? (earned?.money.get(currency) ?? 0n) : (earned?.conversions ?? 0);
  };
  const sign = order === 'desc' ? -1 : 1;
  const sorted = [...keys].toSorted((a, b) => {
    const compared = by === 'value' ? 0 : sign * compare(weigh(a), weigh(b));
    return compared || (by === 'value' ? sign : 1) * compare(a, b);
  });
  return sorted.map((key): ReportRow => {
    const credits = creditsOf(models, tally, key);
    const additive = models.filter((each) => each.model.additive).map((each) => credits[each.key]);
    return {
      ...subjectOf(key),
      label: undefined,
      credits,
      range: rangeOf(additive.filter((credit) => credit !== undefined)),
      previous: previous && creditsOf(models, previous, key),
    };
  });
}

export function toMoney(money: ReadonlyMap<string, bigint>): Money[] {
  return [...money]
    .toSorted(([a], [b]) => compare(a, b))
    .map(([currency, amountMinor]) => ({ currency, amountMinor }));
}

function creditsOf(
  models: readonly ChosenModel[],
  tally: Tally,
  key: string,
): Record<string, RowCredit> {
  return Object.fromEntries(
    models.map((model) => [
      model.key,
      toCredit(tally.byModel.get(model.key)?.get(key), tally.total.conversions),
    ]),
  );
}

function toCredit(earned: Earned | undefined, total: number): RowCredit {
  const conversions = tidy(earned?.conversions ?? 0);
  return {
    conversions,
    share: total === 0 ? 0 : tidy(conversions / total),
    revenue: toMoney(earned?.money ?? new Map()),
    ...(earned?.removalEffect !== undefined && { removalEffect: tidy(earned.removalEffect) }),
    ...(earned?.standardError !== undefined && { standardError: tidy(earned.standardError) }),
  };
}

function rangeOf(credits: readonly RowCredit[]): CreditRange {
  const counts = credits.map(({ conversions }) => conversions);
  const currencies = new Set(
    credits.flatMap(({ revenue }) => revenue.map((money) => money.currency)),
  );
  return {
    conversions: {
      min: counts.reduce((least, count) => Math.min(least, count), counts[0] ?? 0),
      max: counts.reduce((most, count) => Math.max(most, count), counts[0] ?? 0),
    },
    revenue: [...currencies].toSorted().map((currency) => {
      const amounts = credits.map(
        ({ revenue }) => revenue.find((money) => money.currency === currency)?.amountMinor ?? 0n,
      );
      const sorted = amounts.toSorted(compare);
      return {
        currency,
        minAmountMinor: sorted[0] ?? 0n,
        maxAmountMinor: sorted.at(-1) ?? 0n,
      };
    }),
  };
}

/** Sums of fractions, without the noise behind what a double can tell. */
function tidy(number: number): number {
  return Math.round(number * 1e9) / 1e9;
}

function compare<T extends number | bigint | string>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
