import { LRUCache } from 'lru-cache';

import { within } from '../kernel/within.ts';
import type { ChangeLog } from '../store/change-log.ts';
import type { Database } from '../store/database.ts';
import { findLinkDomain } from './link-domain-store.ts';
import type { LinkDomainSettings } from './link-domain.ts';

/** What hosts answer beside links, remembered in the process and kept fresh by the change log. */
export interface LinkDomains {
  /** Nothing where there is nothing, and while the database cannot be asked. Never throws. */
  of(workspaceId: string, host: string): Promise<LinkDomainSettings>;
  close(): void;
}

const hostsMax = 1_000;
const patience = 50;
const nothing: LinkDomainSettings = {};

export function createLinkDomains({
  database,
  changeLog,
}: {
  readonly database: Database;
  readonly changeLog: ChangeLog;
}): LinkDomains {
  const hosts = new LRUCache<string, Promise<LinkDomainSettings>>({ max: hostsMax });
  const unsubscribe = changeLog.subscribe('domain', (news) => {
    if (news === 'everything') hosts.clear();
    else hosts.delete(nameOf(news.workspaceId, String(news.subject['host'])));
  });
  return {
    async of(workspaceId, host) {
      try {
        if (changeLog.isBehind()) await within(changeLog.catchUp(), patience);
        const name = nameOf(workspaceId, host);
        let settings = hosts.get(name);
        if (settings === undefined) {
          const loading = findLinkDomain(database.db, workspaceId, host).then(
            (found) => found ?? nothing,
          );
          settings = loading;
          hosts.set(name, loading);
          loading.catch(() => {
            if (hosts.peek(name) === loading) hosts.delete(name);
          });
        }
        return await within(settings, patience);
      } catch {
        return nothing;
      }
    },
    close: unsubscribe,
  };
}

function nameOf(workspaceId: string, host: string): string {
  return `${workspaceId} ${host}`;
}
