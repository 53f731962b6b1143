import { LRUCache } from 'lru-cache';

import { UnavailableError } from '../kernel/errors.ts';
import { within } from '../kernel/within.ts';
import type { ChangeLog } from '../store/change-log.ts';
import type { Database } from '../store/database.ts';
import { findServedLink } from './link-store.ts';
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
  /** The link where it is remembered, for who knows that no news of links wait; `undefined` says nothing. */
  remembered(workspaceId: string, host: string, key: string): RedirectLink | undefined;
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

/** How long a link that is known from before waits for the database to confirm it. */
const confirmPatience = 50;
/** After a failure the database is not asked again for what is known from before. */
const confirmPause = 1_000;

interface Loading {
  readonly host: string;
  readonly key: string;
  readonly answer: Promise<RedirectLink | undefined>;
  /** What the database said may already be old: it is answered with, but not remembered. */
  outdated: boolean;
}

export function createLinkCache({ database, changeLog, size }: LinkCacheOptions): LinkCache {
  // A link has one place: by its key as it is written, or by the folded key where its domain makes no difference.
  const found = new LRUCache<string, RedirectLink>({ max: size });
  // Apart from the links, so that guessing keys pushes no link out. By folded keys, so that a new link is found however
  // its key was written when it was missing; the value is who asked, and for which of the spellings.
  const missing = new LRUCache<string, string>({ max: size });
  const loading = new Map<string, Loading>();
  // Of an earlier process, or from before changes may have been missed.
  const fallbacks = new Map<string, RedirectLink>();
  let failedAt = -Infinity;

  const unsubscribes = [
    changeLog.subscribe('link', (news) => {
      if (news === 'everything') {
        doubt();
        missing.clear();
        overtake(() => true);
        return;
      }
      const host = String(news.subject['domain']);
      const folded = foldedName(host, String(news.subject['key']));
      for (const name of [exactName(host, String(news.subject['key'])), folded]) {
        found.delete(name);
        fallbacks.delete(name);
      }
      missing.delete(folded);
      overtake((asked) => foldedName(asked.host, asked.key) === folded);
    }),
    // The links of a host carry what it has chosen for its keys; other news of a domain are not about them.
    changeLog.subscribe('domain', (news) => {
      if (news === 'everything' || news.subject['caseSensitive'] === undefined) return;
      const host = String(news.subject['host']);
      for (const links of [found, fallbacks]) {
        const names = Array.from(links, ([name, link]) =>
          link.domain === host ? name : undefined,
        );
        for (const name of names) if (name !== undefined) links.delete(name);
      }
      for (const name of Array.from(missing.keys()))
        if (name.startsWith(`${host} `)) missing.delete(name);
      overtake((asked) => asked.host === host);
    }),
  ];

  /** What is remembered has to be confirmed from now on; where nobody can be asked, it is better than no answer. */
  function doubt(): void {
    const before = new Map(fallbacks);
    fallbacks.clear();
    for (const [name, link] of [...found.entries(), ...before])
      if (fallbacks.size < size && !fallbacks.has(name)) fallbacks.set(name, link);
    found.clear();
  }

  function overtake(isConcerned: (asked: Loading) => boolean): void {
    for (const [flight, underway] of loading) {
      if (!isConcerned(underway)) continue;
      underway.outdated = true;
      loading.delete(flight);
    }
  }

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
    const link = pick(found, workspaceId, host, key);
    if (link !== undefined) return link;
    if (missing.get(foldedName(host, key)) === spelling(workspaceId, key)) return undefined;
    return loadOrRecall(workspaceId, host, key);
  }

  async function loadOrRecall(
    workspaceId: string,
    host: string,
    key: string,
  ): Promise<RedirectLink | undefined> {
    const known = pick(fallbacks, workspaceId, host, key);
    if (known !== undefined && performance.now() - failedAt < confirmPause) return known;
    try {
      const answer = load(workspaceId, host, key);
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
  function load(workspaceId: string, host: string, key: string): Promise<RedirectLink | undefined> {
    const flight = `${workspaceId} ${exactName(host, key)}`;
    const underway = loading.get(flight);
    if (underway !== undefined) return underway.answer;

    const answer = findServedLink(database.db, workspaceId, host, key).then((row) => {
      const link = row && prepareRedirectLink(toStoredRedirectLink(row.link, row));
      if (!started.outdated) remember(workspaceId, host, key, link);
      return link;
    });
    const started: Loading = { host, key, answer, outdated: false };
    loading.set(flight, started);
    const done = (): void => {
      if (loading.get(flight) === started) loading.delete(flight);
    };
    answer.then(done, done);
    return answer;
  }

  function remember(
    workspaceId: string,
    host: string,
    key: string,
    link: RedirectLink | undefined,
  ): void {
    const exact = exactName(host, key);
    const folded = foldedName(host, key);
    fallbacks.delete(exact);
    fallbacks.delete(folded);
    if (link === undefined) {
      found.delete(exact);
      missing.set(folded, spelling(workspaceId, key));
    } else {
      missing.delete(folded);
      found.set(nameOf(link), link);
    }
  }

  return {
    find,
    remembered: (workspaceId, host, key) => pick(found, workspaceId, host, key),
    recall: (host, key) =>
      pick(found, undefined, host, key) ?? pick(fallbacks, undefined, host, key),
    *links() {
      yield* found.values();
      yield* fallbacks.values();
    },
    addFallbacks(links) {
      for (const link of links) {
        if (fallbacks.size >= size) return;
        fallbacks.set(nameOf(link), link);
      }
    },
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}

/** A domain can have moved to another workspace: then what is remembered of a key is not its link. */
function pick(
  links: Pick<ReadonlyMap<string, RedirectLink>, 'get'>,
  workspaceId: string | undefined,
  host: string,
  key: string,
): RedirectLink | undefined {
  const exact = links.get(exactName(host, key));
  if (exact !== undefined && (workspaceId === undefined || exact.workspaceId === workspaceId))
    return exact;
  const folded = links.get(foldedName(host, key));
  return workspaceId === undefined || folded?.workspaceId === workspaceId ? folded : undefined;
}

function nameOf(link: RedirectLink): string {
  return link.caseSensitive === false
    ? foldedName(link.domain, link.key)
    : exactName(link.domain, link.key);
}

function exactName(host: string, key: string): string {
  return `${host}/${key}`;
}

/** No host has a space: the two forms of a name are never the same. */
function foldedName(host: string, key: string): string {
  return `${host} ${key.toLowerCase()}`;
}

function spelling(workspaceId: string, key: string): string {
  return `${workspaceId} ${key}`;
}
