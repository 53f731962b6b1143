import type { GroupedPath } from './path.ts';

/**
 * The chain of order k that paths describe. A state is the start or the channels of the last k touches (fewer at the
 * beginning of a path); what leaves it is counted, not divided: a count over the state's total is the probability.
 */
export interface MarkovChain {
  /** For each state how often each state followed, itself included. State 0 is the start. */
  readonly followers: ReadonlyArray<ReadonlyMap<number, number>>;
  /** For each state the channels it holds, by their index; the start holds none. */
  readonly held: ReadonlyArray<readonly number[]>;
  /** For each state how many converted there, how many left without, and what the conversions were worth. */
  readonly conversions: readonly number[];
  readonly nulls: readonly number[];
  readonly values: readonly number[];
}

/**
 * @throws RangeError where the tuples of k of so many channels have more codes than there are whole numbers: from
 * 9,741 channels at order 4.
 */
export function markovChain(
  paths: readonly GroupedPath[],
  channels: readonly string[],
  order: number,
): MarkovChain {
  const base = channels.length + 1;
  if (base ** order > Number.MAX_SAFE_INTEGER) {
    throw new RangeError(`order ${order} cannot take ${channels.length} channels`);
  }
  // A tuple is a number with one digit for each channel, 1 and up; appending one shifts the oldest out.
  const tail = base ** (order - 1);
  const digits = new Map(channels.map((channel, index) => [channel, index + 1]));
  const states = new Map([[0, 0]]);
  const codes = [0];
  const followers = [new Map<number, number>()];
  const conversions = [0];
  const nulls = [0];
  const values = [0];
  for (const path of paths) {
    const count = path.conversions + path.nulls;
    if (count === 0) continue;
    let state = 0;
    for (const channel of path.channels) {
      const code = ((codes[state] ?? 0) % tail) * base + (digits.get(channel) ?? 0);
      let next = states.get(code);
      if (next === undefined) {
        next = codes.push(code) - 1;
        states.set(code, next);
        followers.push(new Map());
        for (const leaving of [conversions, nulls, values]) leaving.push(0);
      }
      const from = followers[state];
      from?.set(next, (from.get(next) ?? 0) + count);
      state = next;
    }
    add(conversions, state, path.conversions);
    add(nulls, state, path.nulls);
    if (path.conversions > 0) add(values, state, Number(path.valueMinor));
  }
  return {
    followers,
    held: codes.map((code) => channelsIn(code, base)),
    conversions,
    nulls,
    values,
  };
}

function add(totals: number[], state: number, amount: number): void {
  totals[state] = (totals[state] ?? 0) + amount;
}

function channelsIn(code: number, base: number): readonly number[] {
  const found = new Set<number>();
  for (let rest = code; rest > 0; rest = Math.floor(rest / base)) found.add((rest % base) - 1);
  return [...found];
}
