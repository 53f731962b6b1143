import { hour, second } from '../kernel/clock.ts';

const first = 30 * second;
const longest = 12 * hour;

/**
 * How long to wait after a failed attempt: 30 seconds, doubled with each attempt up to 12 hours, and spread by a fifth to
 * either side so that what failed together is not tried again together.
 *
 * @param attempts how many there were, at least 1
 * @param random from 0 to 1
 * @param leastMilliseconds what the platform has asked for
 */
export function retryDelay(attempts: number, random: number, leastMilliseconds = 0): number {
  const doubled = Math.min(longest, first * 2 ** Math.min(attempts - 1, 20));
  const spread = doubled * (0.8 + 0.4 * random);
  // Nobody comes back earlier than they were asked to.
  return Math.round(Math.max(spread, leastMilliseconds * (1 + 0.1 * random)));
}
