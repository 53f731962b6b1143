import { addressPrefix } from '../capture/address-prefix.ts';
import type { WriteOptions } from '../store/database.ts';
import type { Limiter, Taken } from './limiter.ts';
import { countedNetwork } from './rate-limit.ts';
import type { LimitRule, RateLimitedRefusal } from './rate-limit.ts';

/** Who tries a code or a token. */
export interface Guesser {
  /** Counted by its network. */
  readonly address?: string | undefined;
  /** What the host knows who tries by. */
  readonly account?: string | undefined;
}

/** How often an account, or a network, may try. */
export interface GuessRules {
  readonly network?: LimitRule;
  readonly account?: LimitRule;
}

const accountLengthMax = 200;

/**
 * Counts one try, by network and by account, before it is known to be wrong: guesses that arrive together would all
 * pass otherwise. `giveBack` where it was right. With all processes; inside a transaction of the host, which may hold
 * the last connection, nobody waits for the others' counts, and they are told behind it.
 */
export async function countGuess(
  limiter: Limiter,
  workspaceId: string,
  { address, account }: Guesser,
  options?: WriteOptions,
  { network: ofNetwork = 'codeChecks', account: ofAccount = 'codeChecks' }: GuessRules = {},
): Promise<Taken | RateLimitedRefusal> {
  const network = address === undefined ? undefined : countedNetwork(addressPrefix(address));
  const person = account && `${workspaceId} ${account}`.slice(0, accountLengthMax);
  const taken: Taken[] = [];
  const giveBack = (): void => {
    for (const each of taken) each.giveBack();
  };
  for (const [rule, subject] of [
    [ofNetwork, network],
    [ofAccount, person],
  ] as const) {
    const counted =
      options?.tx === undefined
        ? await limiter.takeTogether(rule, subject)
        : limiter.takeAlone(rule, subject);
    if (!counted.ok) {
      giveBack();
      return counted;
    }
    taken.push(counted);
  }
  return { ok: true, giveBack };
}
