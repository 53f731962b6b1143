import { hash } from 'node:crypto';

import { LRUCache } from 'lru-cache';

import type { Refusal, Result } from '../kernel/result.ts';
import type { Limiter, Taken } from './limiter.ts';
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
  // The same credential again, while it is being asked about, is the same guess.
  const asking = new Map<string, Promise<Taken | RateLimitedRefusal>>();

  return async function guardCredential({ network, credential }, ask) {
    if (network === undefined) return ask();
    const name = hash('sha256', credential, 'base64');
    if (familiar.has(name)) {
      const answer = await ask();
      if (isWrong(answer)) familiar.delete(name);
      return answer;
    }
    const underway = asking.get(name);
    if (underway !== undefined) {
      const taken = await underway;
      return taken.ok ? ask() : taken;
    }
    // Counted before it is known to be wrong: guesses that arrive together would all pass otherwise.
    const counting = limiter.takeTogether('failedCredentials', network);
    asking.set(name, counting);
    try {
      const taken = await counting;
      return taken.ok ? await askOnce(taken, name, ask) : taken;
    } finally {
      asking.delete(name);
    }
  };

  async function askOnce<T, R extends Refusal>(
    taken: Taken,
    name: string,
    ask: () => Promise<Result<T, R>>,
  ): Promise<Result<T, R>> {
    let wrong = false;
    try {
      const answer = await ask();
      wrong = isWrong(answer);
      if (answer.ok) familiar.set(name, true);
      return answer;
    } finally {
      if (!wrong) taken.giveBack();
    }
  }
}

/** An expired key, or one without a right, was no guess. */
function isWrong(answer: Result<unknown, Refusal>): boolean {
  return !answer.ok && answer.code === 'unauthorized';
}
