import type { MarkovChain } from './markov-chain.ts';
import type { Passage } from './passage.ts';

/** People under way are forgotten when they are fewer than this part of all: it is below what a double can tell. */
const negligible = 2 ** -56;

/** What leaves each state, in arrays: transitions of state s are those from `offsets[s]` up to `offsets[s + 1]`. */
interface Flow {
  readonly offsets: Int32Array;
  readonly targets: Int32Array;
  readonly counts: Float64Array;
  readonly conversions: Float64Array;
  readonly values: Float64Array;
  /** How many leave a state for another one or for good, those who stay in it left out. */
  readonly leaving: Float64Array;
}

/**
 * What passes through each channel, by following those who leave it until they convert, are lost, or meet the channel
 * again: whoever converts after it leaves it once for the last time. How many leave a state need not be computed, the
 * paths have counted them.
 *
 * It sums the series whose limit `eliminateStates` computes, and what is still under way bounds the error. The cost
 * grows with the transitions there are, not with the square of the states, so it serves the large and sparse chains of
 * high orders; it also grows with the length of the longest paths.
 */
export function followPeople(chain: MarkovChain, channelCount: number): readonly Passage[] {
  const flow = flowOf(chain);
  return Array.from({ length: channelCount }, (_, channel) =>
    through(
      flow,
      Uint8Array.from(chain.held, (channels) => (channels.includes(channel) ? 1 : 0)),
    ),
  );
}

/** `holds` says of each state whether the channel is in it. */
function through(flow: Flow, holds: Uint8Array): Passage {
  const { offsets, targets, counts, leaving } = flow;
  const people = new Float64Array(holds.length);
  let conversions = 0;
  let value = 0;
  /** Sends on this part of what leaves a state; answers how many of them went to another one. */
  const send = (state: number, part: number): number => {
    conversions += part * (flow.conversions[state] ?? 0);
    value += part * (flow.values[state] ?? 0);
    let sent = 0;
    const end = offsets[state + 1] ?? 0;
    for (let edge = offsets[state] ?? 0; edge < end; edge += 1) {
      const target = targets[edge] ?? 0;
      if (holds[target] === 1) continue;
      const moved = part * (counts[edge] ?? 0);
      people[target] = (people[target] ?? 0) + moved;
      sent += moved;
    }
    return sent;
  };
  let starting = 0;
  for (const [state, held] of holds.entries()) if (held === 1) starting += send(state, 1);
  for (let underWay = starting; underWay > starting * negligible;) {
    // Who moves twice in a round counts twice: at least as many as are under way after it.
    underWay = 0;
    for (let state = 0; state < people.length; state += 1) {
      const present = people[state] ?? 0;
      if (present === 0) continue;
      people[state] = 0;
      underWay += send(state, present / (leaving[state] ?? 1));
    }
  }
  return { conversions, value };
}

function flowOf(chain: MarkovChain): Flow {
  const transitions = chain.followers.map((followers, state) =>
    [...followers].filter(([next]) => next !== state),
  );
  const offsets = new Int32Array(transitions.length + 1);
  for (const [state, { length }] of transitions.entries()) {
    offsets[state + 1] = (offsets[state] ?? 0) + length;
  }
  return {
    offsets,
    targets: Int32Array.from(transitions.flat(), ([next]) => next),
    counts: Float64Array.from(transitions.flat(), ([, count]) => count),
    conversions: Float64Array.from(chain.conversions),
    values: Float64Array.from(chain.values),
    leaving: Float64Array.from(transitions, (others, state) =>
      others.reduce(
        (total, [, count]) => total + count,
        (chain.conversions[state] ?? 0) + (chain.nulls[state] ?? 0),
      ),
    ),
  };
}
