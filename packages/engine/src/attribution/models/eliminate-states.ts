import type { MarkovChain } from './markov-chain.ts';
import type { Passage } from './passage.ts';

/**
 * States and what leaves them, one row each, the start first: what converted, what was lost, what it was worth, and
 * then how often each state of the block followed.
 */
interface Block {
  readonly states: readonly number[];
  readonly rows: readonly Float64Array[];
}

const conversion = 0;
const lost = 1;
const value = 2;
const firstState = 3;

/**
 * What passes through each channel, by eliminating states one after another: whoever came to a state goes on to where
 * the state leads. Nothing is ever subtracted, so that no digits are lost, however long people go round in circles
 * (Grassmann, Taksar and Heyman 1985, https://doi.org/10.1287/opre.33.5.1107). The elimination of the states that hold
 * none of a group of channels is shared by the whole group: the cost for n states of order 1 is that of one n × n
 * system, not of n.
 */
export function eliminateStates(chain: MarkovChain, channelCount: number): readonly Passage[] {
  const states = chain.followers.map((_, state) => state);
  const rows = states.map((state) => rowOf(chain, state));
  return through({ states, rows }, 0, channelCount, chain.held);
}

function rowOf(chain: MarkovChain, state: number): Float64Array {
  const row = new Float64Array(firstState + chain.followers.length);
  row[conversion] = chain.conversions[state] ?? 0;
  row[lost] = chain.nulls[state] ?? 0;
  row[value] = chain.values[state] ?? 0;
  for (const [next, count] of chain.followers[state] ?? []) row[firstState + next] = count;
  return row;
}

/** What passes through the channels from `low` up to `high`, in a block that has all of their states. */
function through(block: Block, low: number, high: number, held: MarkovChain['held']): Passage[] {
  if (low >= high) return [];
  const holds = (state: number): boolean =>
    held[state]?.some((channel) => channel >= low && channel < high) ?? false;
  const rest = eliminate(block, (state) => state === 0 || holds(state));
  if (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    return [...through(rest, low, middle, held), ...through(rest, middle, high, held)];
  }
  // All that is left besides the start holds the channel: what converts straight from the start never met it.
  const start = rest.rows[0];
  if (start !== undefined) start[conversion] = start[value] = 0;
  const [whole] = eliminate(rest, (state) => state === 0).rows;
  return [{ conversions: whole?.[conversion] ?? 0, value: whole?.[value] ?? 0 }];
}

function eliminate(block: Block, isKept: (state: number) => boolean): Block {
  const positions = [...block.states.keys()];
  const { kept = [], gone = [] } = Object.groupBy(positions, (position) =>
    isKept(block.states[position] ?? 0) ? 'kept' : 'gone',
  );
  const order = [...kept, ...gone];
  const rows = order.map((position) => reorder(block.rows[position], order));
  for (let last = order.length - 1; last >= kept.length; last -= 1) redirect(rows, last);
  return {
    states: kept.map((position) => block.states[position] ?? 0),
    rows: rows.slice(0, kept.length),
  };
}

function reorder(row: Float64Array | undefined, order: readonly number[]): Float64Array {
  const copy = new Float64Array(firstState + order.length);
  if (row === undefined) return copy;
  copy.set(row.subarray(0, firstState));
  for (const [index, position] of order.entries()) {
    copy[firstState + index] = row[firstState + position] ?? 0;
  }
  return copy;
}

/** Sends what came to the last state on to where it leads; coming back to itself changes nothing about where. */
function redirect(rows: readonly Float64Array[], last: number): void {
  const from = rows[last];
  if (from === undefined) return;
  const column = firstState + last;
  let leaving = (from[conversion] ?? 0) + (from[lost] ?? 0);
  for (let index = firstState; index < column; index += 1) leaving += from[index] ?? 0;
  for (let each = 0; each < last; each += 1) {
    const row = rows[each];
    const coming = row?.[column] ?? 0;
    if (row === undefined || coming === 0) continue;
    const factor = coming / leaving;
    for (let index = 0; index < column; index += 1) {
      row[index] = (row[index] ?? 0) + factor * (from[index] ?? 0);
    }
  }
}
