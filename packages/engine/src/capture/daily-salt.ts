import { randomBytes } from 'node:crypto';

import { LRUCache } from 'lru-cache';

import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import { findDailySalt, insertDailySalt } from './daily-salt-store.ts';

/** The salts of the day, one for each workspace: random, so that nothing brings one back once it is deleted. */
export interface DailySalts {
  /** The salt of the UTC day of a time; every process has the same one. */
  of(workspaceId: string, at: number): Promise<Uint8Array>;
}

const saltBytes = 32;
const workspacesMax = 10_000;

export function createDailySalts(context: Pick<Context, 'database'>): DailySalts {
  const memory = new LRUCache<string, { readonly day: number; readonly salt: Promise<Uint8Array> }>(
    { max: workspacesMax },
  );

  async function load(workspaceId: string, today: number): Promise<Uint8Array> {
    const { db } = context.database;
    const known = await findDailySalt(db, workspaceId, today);
    if (known !== undefined) return known;
    await insertDailySalt(db, workspaceId, today, randomBytes(saltBytes));
    // Another process may have been first.
    return (await findDailySalt(db, workspaceId, today))!;
  }

  return {
    of(workspaceId, at) {
      const today = Math.floor(at / day);
      const known = memory.get(workspaceId);
      if (known?.day === today) return known.salt;
      const salt = load(workspaceId, today);
      memory.set(workspaceId, { day: today, salt });
      // A failure is not remembered.
      salt.catch(() => {
        if (memory.get(workspaceId)?.salt === salt) memory.delete(workspaceId);
      });
      return salt;
    },
  };
}
