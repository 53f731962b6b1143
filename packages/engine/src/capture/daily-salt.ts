import { randomBytes } from 'node:crypto';

import { LRUCache } from 'lru-cache';

import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import { findDailySalt, insertDailySalt } from './daily-salt-store.ts';

/** The salts of the day, one for each workspace: random, so that nothing brings one back once it is deleted. */
export interface DailySalts {
  /** The salt of the UTC day of a time; every process has the same one. */
  of(workspaceId: string, at: number): Promise<Uint8Array>;
  /** Lets go of the salts of days that are over. Whoever works regularly calls it: nobody may ask any more. */
  forgetPast(): void;
}

const saltBytes = 32;
const workspacesMax = 10_000;

export function createDailySalts(context: Pick<Context, 'database' | 'clock'>): DailySalts {
  let today = -Infinity;
  const memory = new LRUCache<string, Promise<Uint8Array>>({ max: workspacesMax });

  async function load(workspaceId: string, asked: number): Promise<Uint8Array> {
    const { db } = context.database;
    const known = await findDailySalt(db, workspaceId, asked);
    if (known !== undefined) return known;
    await insertDailySalt(db, workspaceId, asked, randomBytes(saltBytes));
    // Another process may have been first.
    return (await findDailySalt(db, workspaceId, asked))!;
  }

  function forgetPast(): void {
    const current = dayOf(context.clock.now());
    if (current === today) return;
    today = current;
    memory.clear();
  }

  return {
    forgetPast,
    of(workspaceId, at) {
      forgetPast();
      const asked = dayOf(at);
      // What came just before midnight is finished after it, and leaves nothing behind.
      if (asked !== today) return load(workspaceId, asked);
      const known = memory.get(workspaceId);
      if (known !== undefined) return known;
      const salt = load(workspaceId, asked);
      memory.set(workspaceId, salt);
      // A failure is not remembered.
      salt.catch(() => {
        if (memory.get(workspaceId) === salt) memory.delete(workspaceId);
      });
      return salt;
    },
  };
}

/** Whole days since the epoch, UTC. */
function dayOf(at: number): number {
  return Math.floor(at / day);
}
