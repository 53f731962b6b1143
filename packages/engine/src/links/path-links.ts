import { LRUCache } from 'lru-cache';

import type { ChangeLog } from '../store/change-log.ts';
import type { Database } from '../store/database.ts';
import type { LinkCache } from './link-cache.ts';
import { comparePatterns, isPathKey, matchPattern, readPattern } from './link-pattern.ts';
import type { Captures, LinkPattern } from './link-pattern.ts';
import { findPathKeys } from './path-link-store.ts';
import type { RedirectLink } from './redirect-link.ts';

export interface FoundByPath {
  readonly link: RedirectLink;
  /** Of a pattern. */
  readonly captures: Captures | undefined;
}

/** The links whose keys have several segments. */
export interface PathLinks {
  /**
   * The link that a path leads to: the one with this key, then the first pattern that matches. `undefined` where none
   * begins like the path: it may be a page of the host.
   */
  find(
    workspaceId: string,
    host: string,
    path: string,
  ): Promise<FoundByPath | 'missing' | undefined>;
  close(): void;
}

interface HostPaths {
  readonly heads: ReadonlySet<string>;
  readonly patterns: readonly LinkPattern[];
}

const hostsMax = 1_000;

export function createPathLinks(dependencies: {
  readonly database: Database;
  readonly changeLog: ChangeLog;
  readonly linkCache: LinkCache;
}): PathLinks {
  const { database, changeLog, linkCache } = dependencies;
  const hosts = new LRUCache<string, Promise<HostPaths>>({ max: hostsMax });
  const unsubscribes = [
    changeLog.subscribe('link', (news) => {
      if (news === 'everything') hosts.clear();
      else if (String(news.subject['key']).includes('/'))
        hosts.delete(nameOf(news.workspaceId, String(news.subject['domain'])));
    }),
  ];

  function pathsOf(workspaceId: string, host: string): Promise<HostPaths> {
    const name = nameOf(workspaceId, host);
    const known = hosts.get(name);
    if (known !== undefined) return known;
    const loading = findPathKeys(database.db, workspaceId, host).then(({ patterns, heads }) => ({
      heads: new Set(heads.map((head) => head.toLowerCase())),
      patterns: prepare(patterns),
    }));
    hosts.set(name, loading);
    loading.catch(() => {
      if (hosts.peek(name) === loading) hosts.delete(name);
    });
    return loading;
  }

  /** What is remembered of links is good enough while nobody can be asked. */
  function recallPaths(host: string): HostPaths {
    const keys = Array.from(linkCache.links(), ({ domain, key }) =>
      domain === host && key.includes('/') ? key : undefined,
    ).filter((key) => key !== undefined);
    return {
      heads: new Set(keys.map((key) => (key.split('/')[0] ?? '').toLowerCase())),
      patterns: prepare(keys),
    };
  }

  return {
    async find(workspaceId, host, path) {
      if (changeLog.isBehind()) await changeLog.catchUp().catch(() => undefined);
      const paths = await pathsOf(workspaceId, host).catch(() => recallPaths(host));
      const head = path.slice(0, path.indexOf('/')).toLowerCase();
      if (!paths.heads.has(head) || path.endsWith('/qr')) return undefined;
      if (isPathKey(path)) {
        const link = await linkCache.find(workspaceId, host, path);
        if (link !== undefined && readPattern(link.key) === undefined)
          return { link, captures: undefined };
      }
      for (const pattern of paths.patterns) {
        // Most do not match however case is read, and need not be looked up.
        if (matchPattern(pattern, path, false) === undefined) continue;
        const link = await linkCache.find(workspaceId, host, pattern.key);
        const captures = link && matchPattern(pattern, path, link.caseSensitive !== false);
        if (link !== undefined && captures !== undefined) return { link, captures };
      }
      return 'missing';
    },
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}

function prepare(keys: readonly string[]): readonly LinkPattern[] {
  return keys
    .map(readPattern)
    .filter((pattern) => pattern !== undefined)
    .sort(comparePatterns);
}

function nameOf(workspaceId: string, host: string): string {
  return `${workspaceId} ${host}`;
}
