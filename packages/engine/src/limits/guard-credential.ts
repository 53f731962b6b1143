import { hash } from 'node:crypto';

import { LRUCache } from 'lru-cache';

import type { Refusal, Result } from '../kernel/result.ts';
import type { Limiter } from './limiter.ts';
import type { Network, RateLimitedRefusal } from './rate-limit.ts';

const familiarMax = 10_000;

/**
 * Asks whether a credential is right, unless its network has guessed wrong too often. What was right here before is
 * always asked about, and costs nothing: nobody is locked out by what the neighbours do.
 */
export type GuardCredential = <T, R extends Refusal>(
  attempt: { readonly network: Network; readonly credential: string },
  ask: () => Promise<Result<T, R>>,
) => Promise<Result<T, R | RateLimitedRefusal>>;

export function createCredentialGuard(limiter: Limiter): GuardCredential {
  const familiar = new LRUCache<string, true>({ max: familiarMax });

  return async function guardCredential({ network, credential }, ask) {
    if (network === undefined) return ask();
    const name = hash('sha256', credential, 'base64');
    if (familiar.has(name)) {
      const answer = await ask();
      if (isWrong(answer)) familiar.delete(name);
      return answer;
    }
    // Counted before it is known to be wrong: guesses that arrive together would all pass otherwise.
    const taken = await limiter.takeTogether('failedCredentials', network);
    if (!taken.ok) return taken;
    let wrong = false;
    try {
      const answer = await ask();
      wrong = isWrong(answer);
      if (answer.ok) familiar.set(name, true);
      return answer;
    } finally {
      if (!wrong) taken.giveBack();
    }
  };
}

/** An expired key, or one without a right, was no guess. */
function isWrong(answer: Result<unknown, Refusal>): boolean {
  return !answer.ok && answer.code === 'unauthorized';
}
