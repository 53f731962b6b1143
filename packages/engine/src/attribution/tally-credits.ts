import type { ChosenModel, ChosenRule } from './chosen-model.ts';
import { splitByWeights } from './credit-lines.ts';
import { notSetKey, unattributedKey } from './dimension.ts';
import type { ChannelModel } from './models/model-definition.ts';
import { splitAmount } from './models/split-amount.ts';
import type { GroupedPath } from './models/path.ts';
import type { AttributedConversion } from './read-attributed.ts';

/** What one row has earned under one model. */
export interface Earned {
  conversions: number;
  /** Minor units by currency. */
  readonly money: Map<string, bigint>;
  /** Markov: the part of all conversions that would be lost without it. */
  removalEffect?: number;
  /** Sampled Shapley: the standard error of `conversions`. */
  standardError?: number;
}

export interface Tally {
  /** By model, then by what credit is counted by. */
  readonly byModel: ReadonlyMap<string, ReadonlyMap<string, Earned>>;
  readonly total: Earned;
}

interface WalkedPath {
  readonly channels: readonly string[];
  conversions: number;
  nulls: number;
  readonly money: Map<string, bigint>;
}

const separator = '\u001f';

/**
 * Adds up the credit of conversions, page by page. Rules about one path are counted at once; for the models that learn
 * from all paths the paths are kept, grouped, so that memory follows the number of different ones.
 */
export function createTally(models: readonly ChosenModel[]) {
  const rules = models.filter(isRule);
  const learning = models.filter((chosen) => chosen.model.credits === 'channels');
  const byModel = new Map<string, Map<string, Earned>>(models.map(({ key }) => [key, new Map()]));
  const total: Earned = { conversions: 0, money: new Map() };
  const paths = new Map<string, WalkedPath>();

  function earn(model: string, key: string): Earned {
    const rows = byModel.get(model)!;
    let row = rows.get(key);
    if (row === undefined) {
      row = { conversions: 0, money: new Map() };
      rows.set(key, row);
    }
    return row;
  }

  function walk(channels: readonly string[]): WalkedPath {
    const key = channels.join(separator);
    let path = paths.get(key);
    if (path === undefined) {
      path = { channels, conversions: 0, nulls: 0, money: new Map() };
      paths.set(key, path);
    }
    return path;
  }

  return {
    add(conversions: readonly AttributedConversion[]): void {
      for (const { conversion, balance, path } of conversions) {
        if (balance.removed) continue;
        const { currency } = conversion;
        const { netMinor } = balance;
        total.conversions += 1;
        if (currency !== undefined) add(total.money, currency, netMinor);
        const { touches } = path;
        if (touches.length === 0) {
          for (const { key } of models) {
            const row = earn(key, unattributedKey);
            row.conversions += 1;
            if (currency !== undefined) add(row.money, currency, netMinor);
          }
          continue;
        }
        for (const { key, model } of rules) {
          const weights = model.weigh(path);
          const amounts =
            currency === undefined ? [] : splitByWeights(netMinor, weights, model.additive);
          for (const [index, weight] of weights.entries()) {
            const amount = amounts[index];
            if (weight === 0 && (amount === undefined || amount === 0n)) continue;
            const row = earn(key, touches[index]?.channel ?? notSetKey);
            row.conversions += weight;
            if (currency !== undefined) add(row.money, currency, amount ?? 0n);
          }
        }
        if (learning.length === 0) continue;
        const walked = walk(touches.map((touch) => touch.channel));
        walked.conversions += 1;
        if (currency !== undefined) add(walked.money, currency, netMinor);
      }
    },
    addLost(
      lost: ReadonlyArray<{ readonly channels: readonly string[]; readonly people: number }>,
    ) {
      for (const { channels, people } of lost) walk(channels).nulls += people;
    },
    /** Money that went back for nothing that is known: nobody's under every model. */
    addLoose(refunds: ReadonlyMap<string, bigint>): void {
      for (const [currency, amount] of refunds) {
        add(total.money, currency, amount);
        for (const { key } of models) add(earn(key, unattributedKey).money, currency, amount);
      }
    },
    finish(): Tally {
      for (const { key, model } of learning)
        learn(model as ChannelModel, [...paths.values()], (channel) => earn(key, channel));
      return { byModel, total };
    },
  };
}

/**
 * The model takes the value of one currency, that of most conversions; money in the others goes the way of the
 * conversions.
 */
function learn(
  model: ChannelModel,
  paths: readonly WalkedPath[],
  earn: (channel: string) => Earned,
): void {
  const [main, ...others] = currenciesOf(paths);
  const grouped = paths.map((path): GroupedPath => {
    const valueMinor = main === undefined ? 0n : (path.money.get(main) ?? 0n);
    return {
      channels: path.channels,
      conversions: path.conversions,
      nulls: path.nulls,
      valueMinor,
    };
  });
  const credits = model.creditChannels(grouped);
  for (const credit of credits) {
    const row = earn(credit.channel);
    row.conversions += credit.conversions;
    if (main !== undefined) add(row.money, main, credit.valueMinor);
    if (credit.removalEffect !== undefined) row.removalEffect = credit.removalEffect;
    if (credit.standardError !== undefined) row.standardError = credit.standardError;
  }
  for (const currency of others) {
    const value = paths.reduce((sum, path) => sum + (path.money.get(currency) ?? 0n), 0n);
    if (credits.every(({ share }) => share === 0)) continue;
    const parts = splitAmount(
      value,
      credits.map(({ share }) => share),
    );
    for (const [index, credit] of credits.entries())
      add(earn(credit.channel).money, currency, parts[index] ?? 0n);
  }
}

/** That of most conversions first. */
function currenciesOf(paths: readonly WalkedPath[]): string[] {
  const counts = new Map<string, number>();
  for (const { money, conversions } of paths)
    for (const currency of money.keys())
      counts.set(currency, (counts.get(currency) ?? 0) + conversions);
  return [...counts]
    .toSorted(([a, most], [b, least]) => least - most || (a < b ? -1 : 1))
    .map(([currency]) => currency);
}

function isRule(chosen: ChosenModel): chosen is ChosenRule {
  return chosen.model.credits === 'touches';
}

function add(money: Map<string, bigint>, currency: string, amount: bigint): void {
  money.set(currency, (money.get(currency) ?? 0n) + amount);
}
