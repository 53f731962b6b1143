import { LRUCache } from 'lru-cache';

import { UnavailableError } from '../kernel/errors.ts';
import { within } from '../kernel/within.ts';
import type { ChangeLog } from '../store/change-log.ts';
import type { Database } from '../store/database.ts';
import { findLinkByKey } from './link-store.ts';
import { prepareRedirectLink, toStoredRedirectLink } from './redirect-link.ts';
import type { RedirectLink } from './redirect-link.ts';

/** The links that this process has been asked for, and the keys that lead nowhere. */
export interface LinkCache {
  /**
   * The link of a workspace on a host; at once where it is remembered.
   * @throws {UnavailableError} it is not remembered, and the database cannot be asked.
   */
  find(
    workspaceId: string,
    host: string,
    key: string,
  ): RedirectLink | undefined | Promise<RedirectLink | undefined>;
  /** What is remembered or was in the snapshot, whoever serves the host: for when that cannot be asked. */
  recall(host: string, key: string): RedirectLink | undefined;
  /** The links worth keeping in a snapshot, the most recently used first. */
  links(): Iterable<RedirectLink>;
  /** Links of an earlier process, used only while the database cannot be asked. */
  addFallbacks(links: Iterable<RedirectLink>): void;
  close(): void;
}

export interface LinkCacheOptions {
  readonly database: Database;
  readonly changeLog: ChangeLog;
  /** How many links, and how many keys that lead nowhere. */
  readonly size: number;
}

/** How long a link that is known from a snapshot waits for the database to confirm it. */
const confirmPatience = 50;
/** After a failure the database is not asked again for what a snapshot knows. */
const confirmPause = 1_000;

interface Loading {
  readonly answer: Promise<RedirectLink | undefined>;
  /** What the database said may already be old: it is answered with, but not remembered. */
  outdated: boolean;
}

export function createLinkCache({ database, changeLog, size }: LinkCacheOptions): LinkCache {
  const found = new LRUCache<string, RedirectLink>({ max: size });
  // Apart from the links, so that guessing keys pushes no link out. The value is the workspace that was asked.
  const missing = new LRUCache<string, string>({ max: size });
  const loading = new Map<string, Loading>();
  const fallbacks = new Map<string, RedirectLink>();
  let failedAt = -Infinity;

  const unsubscribe = changeLog.subscribe('link', (news) => {
    if (news === 'everything') {
      found.clear();
      missing.clear();
      for (const underway of loading.values()) underway.outdated = true;
      loading.clear();
      return;
    }
    const name = nameOf(String(news.subject['domain']), String(news.subject['key']));
    const flight = flightOf(news.workspaceId, name);
    found.delete(name);
    missing.delete(name);
    fallbacks.delete(name);
    const underway = loading.get(flight);
    if (underway !== undefined) underway.outdated = true;
    loading.delete(flight);
  });

  function find(
    workspaceId: string,
    host: string,
    key: string,
  ): RedirectLink | undefined | Promise<RedirectLink | undefined> {
    if (changeLog.isBehind()) return changeLog.catchUp().then(() => look(workspaceId, host, key));
    return look(workspaceId, host, key);
  }

  function look(
    workspaceId: string,
    host: string,
    key: string,
  ): RedirectLink | undefined | Promise<RedirectLink | undefined> {
    const name = nameOf(host, key);
    const link = found.get(name);
    // A domain can have moved to another workspace: then what is remembered is not its link.
    if (link !== undefined && link.workspaceId === workspaceId) return link;
    if (link === undefined && missing.get(name) === workspaceId) return undefined;
    return loadOrRecall(workspaceId, host, key, name);
  }

  async function loadOrRecall(
    workspaceId: string,
    host: string,
    key: string,
    name: string,
  ): Promise<RedirectLink | undefined> {
    const fallback = fallbacks.get(name);
    const known = fallback?.workspaceId === workspaceId ? fallback : undefined;
    if (known !== undefined && performance.now() - failedAt < confirmPause) return known;
    try {
      const answer = load(workspaceId, host, key, name);
      return await (known === undefined ? answer : within(answer, confirmPatience));
    } catch (error) {
      failedAt = performance.now();
      if (known !== undefined) return known;
      throw new UnavailableError('The link could not be looked up.', {
        retryAfterSeconds: 1,
        cause: error,
      });
    }
  }

  /** Requests for one link share one query. */
  function load(
    workspaceId: string,
    host: string,
    key: string,
    name: string,
  ): Promise<RedirectLink | undefined> {
    const flight = flightOf(workspaceId, name);
    const underway = loading.get(flight);
    if (underway !== undefined) return underway.answer;

    const answer = findLinkByKey(database.db, workspaceId, host, key).then((row) => {
      const link = row && prepareRedirectLink(toStoredRedirectLink(row));
      if (!started.outdated) remember(workspaceId, name, link);
      return link;
    });
    const started: Loading = { answer, outdated: false };
    loading.set(flight, started);
    const done = (): void => {
      if (loading.get(flight) === started) loading.delete(flight);
    };
    answer.then(done, done);
    return answer;
  }

  function remember(workspaceId: string, name: string, link: RedirectLink | undefined): void {
    fallbacks.delete(name);
    if (link === undefined) {
      found.delete(name);
      missing.set(name, workspaceId);
    } else {
      missing.delete(name);
      found.set(name, link);
    }
  }

  return {
    find,
    recall(host, key) {
      const name = nameOf(host, key);
      return found.get(name) ?? fallbacks.get(name);
    },
    *links() {
      yield* found.values();
      yield* fallbacks.values();
    },
    addFallbacks(links) {
      for (const link of links) {
        if (fallbacks.size >= size) return;
        fallbacks.set(nameOf(link.domain, link.key), link);
      }
    },
    close: unsubscribe,
  };
}

function flightOf(workspaceId: string, name: string): string {
  return `${workspaceId} ${name}`;
}

function nameOf(host: string, key: string): string {
  return `${host}/${key}`;
}
