import { LRUCache } from 'lru-cache';

import type { EnabledConnector } from '../connectors/enabled-connector.ts';
import { findEnabledConnectors } from '../connectors/find-enabled-connectors.ts';
import { createRecentMap } from '../kernel/recent-map.ts';
import { orThrow } from '../kernel/result.ts';
import type { ChangeLog } from '../store/change-log.ts';
import { findListeners } from '../webhooks/has-listeners.ts';
import { addWorkspace, openWorkspace } from './create-workspace.ts';
import type { WorkspaceContext } from './create-workspace.ts';
import { normaliseHost, withoutPort } from './domain.ts';
import { findVerifiedDomain, isVerifiedName, selectVerifiedHosts } from './domain-store.ts';
import type { Workspace, WorkspaceDirectory } from './workspace.ts';
import { findOldestWorkspace, findWorkspace, lockFirstWorkspace } from './workspace-store.ts';
import type { StoredWorkspace } from './workspace-store.ts';

// Anybody can send any Host header, so what is remembered of hosts is bounded.
const hostsMax = 10_000;
const workspacesMax = 10_000;

/**
 * Promises are remembered, not values: callers that ask at once share one query, and one that was begun before a
 * `forget` is not remembered after it. What others change, a host's transaction among them, is learned from the change
 * log; a directory without one serves a single transaction.
 */
export function createWorkspaceDirectory(
  context: WorkspaceContext,
  changeLog?: ChangeLog,
): WorkspaceDirectory {
  const { options, database } = context;
  const configuredHosts = hostSet(options.links?.domains ?? []);
  const configuredNames = new Set(Array.from(configuredHosts, withoutPort));
  const configuredOwnHosts = [...configuredHosts, ...hostSet(options.ownHosts ?? [])];
  const workspaces = new LRUCache<string, Promise<Workspace | undefined>>({ max: workspacesMax });
  const owners = new LRUCache<string, Promise<string | undefined>>({ max: hostsMax });
  // Apart from the owners: who asks for names that nobody has pushes no host out.
  // What the promises said, for who cannot wait for one.
  const served = createRecentMap<Workspace>(hostsMax);
  const names = new LRUCache<string, Promise<boolean>>({ max: hostsMax });
  const hostsOf = new WeakMap<Workspace, ReadonlySet<string>>();
  const connectorsOf = new WeakMap<Workspace, readonly EnabledConnector[]>();
  const listenedTo = new WeakSet<Workspace>();
  const loaded = new WeakMap<object, Workspace>();
  let firstId: Promise<string> | undefined;
  let knownFirstId: string | undefined;
  let timesForgotten = 0;

  async function load(id: string): Promise<Workspace | undefined> {
    const stored = await findWorkspace(database.db, id);
    return stored && admit(stored);
  }

  async function admit(stored: StoredWorkspace): Promise<Workspace> {
    const workspace = openWorkspace(context, stored);
    const verified = await selectVerifiedHosts(database.db, stored.id);
    hostsOf.set(workspace, new Set([...ownHostsBySettings(workspace), ...verified]));
    connectorsOf.set(workspace, await findEnabledConnectors(database.db, stored.id));
    if (await findListeners(database.db, stored.id)) listenedTo.add(workspace);
    return workspace;
  }

  function ownHostsBySettings(workspace: Workspace): ReadonlySet<string> {
    return new Set([...configuredOwnHosts, ...hostSet(workspace.settings.ownHosts ?? [])]);
  }

  async function findOrCreateFirst(): Promise<string> {
    const oldest = await findOldestWorkspace(database.db);
    if (oldest !== undefined) return oldest.id;
    return database.db.transaction().execute(async (tx) => {
      await lockFirstWorkspace(tx);
      const made = await findOldestWorkspace(tx);
      if (made !== undefined) return made.id;
      return orThrow(await addWorkspace(context, tx, { name: 'Default', slug: 'default' })).id;
    });
  }

  async function get(id: string): Promise<Workspace | undefined> {
    await changeLog?.catchUp();
    const loading = remember(workspaces, id, load);
    const workspace = await loading;
    if (workspace === undefined) workspaces.delete(id);
    else loaded.set(loading, workspace);
    return workspace;
  }

  async function first(): Promise<Workspace> {
    await changeLog?.catchUp();
    if (firstId === undefined) {
      firstId = findOrCreateFirst();
      const asked = firstId;
      asked.catch(() => {
        if (firstId === asked) firstId = undefined;
      });
    }
    const id = await firstId;
    knownFirstId = id;
    const workspace = await get(id);
    if (workspace !== undefined) return workspace;
    firstId = undefined;
    return first();
  }

  for (const topic of ['workspace', 'domain'] as const)
    changeLog?.subscribe(topic, (news) =>
      forget(news === 'everything' ? undefined : news.workspaceId),
    );

  return {
    first,
    get,
    remembered(id = knownFirstId) {
      const loading = id === undefined ? undefined : workspaces.peek(id);
      return loading && loaded.get(loading);
    },
    async forHost(host) {
      const asked = timesForgotten;
      const workspace = await ownerOf(host);
      if (workspace !== undefined && asked === timesForgotten) served.set(host, workspace);
      return workspace;
    },
    servedBy: (host) => (changeLog?.isBehind() === false ? served.get(host) : undefined),
    async servesName(name) {
      if (configuredNames.has(name)) return true;
      await changeLog?.catchUp();
      return remember(names, name, () => isVerifiedName(database.db, name));
    },
    ownHosts: (workspace) => hostsOf.get(workspace) ?? ownHostsBySettings(workspace),
    connectors: (workspace) => connectorsOf.get(workspace) ?? [],
    hasWebhooks: (workspace) => listenedTo.has(workspace),
    forget,
  };

  async function ownerOf(host: string): Promise<Workspace | undefined> {
    if (configuredHosts.has(host)) return first();
    await changeLog?.catchUp();
    const id = await remember(
      owners,
      host,
      async () => (await findVerifiedDomain(database.db, host))?.workspaceId,
    );
    return id === undefined ? undefined : get(id);
  }

  function forget(id?: string): void {
    // A host may have changed hands, so every host is asked for again.
    timesForgotten += 1;
    served.clear();
    owners.clear();
    names.clear();
    if (id === undefined) {
      workspaces.clear();
      firstId = undefined;
      knownFirstId = undefined;
    } else {
      workspaces.delete(id);
    }
  }
}

function remember<T>(
  cache: LRUCache<string, Promise<T>>,
  key: string,
  load: (key: string) => Promise<T>,
): Promise<T> {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const loading = load(key);
  cache.set(key, loading);
  loading.catch(() => {
    if (cache.peek(key) === loading) cache.delete(key);
  });
  return loading;
}

function hostSet(hosts: readonly string[]): ReadonlySet<string> {
  return new Set(hosts.map((host) => normaliseHost(host)).filter((host) => host !== undefined));
}
