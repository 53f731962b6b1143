import { LRUCache } from 'lru-cache';

import { within } from '../kernel/within.ts';
import type { Database } from '../store/database.ts';
import { selectUse } from './link-seat-store.ts';
import type { LinkUse } from './link-seat-store.ts';

export type { LinkUse } from './link-seat-store.ts';

/** How often links have been used, at most half a second old. */
export interface LinkUses {
  /** `undefined` where the database does not say it in time. */
  of(workspaceId: string, linkId: string): Promise<LinkUse | undefined>;
  /** As it is now. @throws the database cannot be asked in time. */
  exactly(workspaceId: string, linkId: string): Promise<LinkUse>;
}

const linksMax = 10_000;
/** With two of these between a click and its effect, a limit is passed by less than a second of traffic. */
const freshMilliseconds = 450;
const patience = 50;
const exactPatience = 1_000;

export function createLinkUses(database: Database): LinkUses {
  const known = new LRUCache<string, { readonly askedAt: number; readonly use: Promise<LinkUse> }>({
    max: linksMax,
  });
  return {
    async of(workspaceId, linkId) {
      const name = `${workspaceId} ${linkId}`;
      let entry = known.get(name);
      if (entry === undefined || performance.now() - entry.askedAt > freshMilliseconds) {
        const before = entry?.use;
        const use = selectUse(database.db, workspaceId, linkId);
        entry = { askedAt: performance.now(), use };
        known.set(name, entry);
        // The last that was known is better than nothing.
        use.catch(() => {
          if (known.peek(name)?.use !== use) return;
          if (before === undefined) known.delete(name);
          else known.set(name, { askedAt: performance.now(), use: before });
        });
        return within(use, patience).catch(() => before?.catch(() => undefined));
      }
      return within(entry.use, patience).catch(() => undefined);
    },
    exactly: (workspaceId, linkId) =>
      within(selectUse(database.db, workspaceId, linkId), exactPatience),
  };
}
