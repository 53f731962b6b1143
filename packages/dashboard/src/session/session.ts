import type { AuthApi, SignedInPerson, WorkspaceChoice } from '../auth/auth-api.ts';
import { t } from '../messages/messages.ts';

/** Who is signed in, and what every request carries because of it. */
export interface Session {
  /** Changes with the person or the workspace: what was read for one is not shown to another. */
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The same without a workspace: for what the server is asked, and not one of its workspaces. */
  readonly asker: Readonly<Record<string, string>>;
  /** Absent where a secret key speaks. */
  readonly person?: SignedInPerson;
  /** Where the person belongs, and what they may do there. */
  readonly workspaces: readonly WorkspaceChoice[];
  readonly workspace?: WorkspaceChoice;
}

/** The one place that knows how people sign in. Everything else asks it for headers, and tells it of a 401. */
export interface SessionStore {
  current(): Session | undefined;
  /** Whether it is known yet who is signed in. */
  isKnown(): boolean;
  subscribe(listener: () => void): () => void;
  /** Asks the server who is signed in. */
  load(): Promise<void>;
  /** Goes on with another workspace. */
  choose(workspaceId: string): void;
  /** With a secret key, for as long as the tab is open. */
  begin(secretKey: string): void;
  /** Goes on with the simulated workspace; who has a secret key needs one for it. */
  enterDemo(workspaceId: string, secretKey: string | undefined): Promise<void>;
  /** Goes on with one's own workspace, and forgets the simulated one where it is gone. */
  leaveDemo(isGone: boolean): Promise<void>;
  end(): void;
  signOut(): Promise<void>;
}

const keyName = 'headwater-key';
const workspaceName = 'headwater-workspace';
const demoKeyName = 'headwater-demo-key';
const demoName = 'headwater-demo';

export function createSessionStore(storage: Storage, auth: AuthApi): SessionStore {
  const listeners = new Set<() => void>();
  let session = ofKey(storage.getItem(keyName), readDemo(storage));
  let isKnown = session !== undefined;

  function change(next: Session | undefined): void {
    session = next;
    isKnown = true;
    for (const listener of listeners) listener();
  }

  function forget(...names: readonly string[]): void {
    for (const name of names) storage.removeItem(name);
  }

  function end(): void {
    const isInDemo = session !== undefined && session.headers !== session.asker;
    forget(demoKeyName, demoName);
    // A key for a simulated workspace ends with it, and the own one is as good as before.
    if (session?.person === undefined && isInDemo) return choose('');
    forget(keyName);
    return change(undefined);
  }

  async function load(): Promise<void> {
    try {
      const { user, workspaces } = await auth.call('GET', '/session');
      change(ofPerson(user, workspaces, storage.getItem(workspaceName)));
    } catch {
      // Nobody, or nothing that could be asked: both lead to the page for signing in.
      change(undefined);
    }
  }

  function choose(workspaceId: string): void {
    storage.setItem(workspaceName, workspaceId);
    if (session?.person !== undefined)
      change(ofPerson(session.person, session.workspaces, workspaceId));
    else change(ofKey(storage.getItem(keyName), readDemo(storage)));
  }

  return {
    current: () => session,
    isKnown: () => isKnown,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    load,
    choose,
    begin(key) {
      forget(demoKeyName, demoName, workspaceName);
      storage.setItem(keyName, key);
      change(ofKey(key, undefined));
    },
    async enterDemo(workspaceId, secretKey) {
      storage.setItem(workspaceName, workspaceId);
      if (session?.person !== undefined) return load();
      if (secretKey === undefined) return undefined;
      storage.setItem(demoName, workspaceId);
      storage.setItem(demoKeyName, secretKey);
      return choose(workspaceId);
    },
    async leaveDemo(isGone) {
      forget(workspaceName, ...(isGone ? [demoName, demoKeyName] : []));
      if (session?.person !== undefined) return load();
      return choose('');
    },
    end,
    async signOut() {
      if (session?.person !== undefined) await auth.call('POST', '/sign-out');
      forget(keyName, demoKeyName, demoName, workspaceName);
      change(undefined);
    },
  };
}

/** The simulated workspace, as who came with a secret key has been let in. */
interface KnownDemo {
  readonly id: string;
  readonly key: string;
  readonly isChosen: boolean;
}

function readDemo(storage: Storage): KnownDemo | undefined {
  const [id, key] = [storage.getItem(demoName), storage.getItem(demoKeyName)];
  if (id === null || key === null) return undefined;
  return { id, key, isChosen: storage.getItem(workspaceName) === id };
}

function ofKey(key: string | null, demo: KnownDemo | undefined): Session | undefined {
  if (key === null) return undefined;
  const asker = { Authorization: `Bearer ${key}` };
  if (demo === undefined) return { id: key, headers: asker, asker, workspaces: [] };
  const own = { id: '', name: t.demo.yours, slug: '', role: 'owner' } as const;
  const simulated = {
    id: demo.id,
    name: t.shell.demo,
    slug: '',
    role: 'owner',
    is_demo: true,
  } as const;
  return {
    id: demo.isChosen ? demo.key : key,
    headers: demo.isChosen
      ? { Authorization: `Bearer ${demo.key}`, 'X-Headwater-Workspace': demo.id }
      : asker,
    asker,
    workspaces: [own, simulated],
    workspace: demo.isChosen ? simulated : own,
  };
}

function ofPerson(
  person: SignedInPerson,
  workspaces: readonly WorkspaceChoice[],
  chosen: string | null,
): Session {
  const workspace = workspaces.find(({ id }) => id === chosen) ?? workspaces[0];
  const asker = { 'X-Headwater-Request': '1' };
  const headers: Record<string, string> = { ...asker };
  if (workspace !== undefined) headers['X-Headwater-Workspace'] = workspace.id;
  return {
    id: `${person.id} ${workspace?.id ?? ''}`,
    headers,
    asker,
    person,
    workspaces,
    ...(workspace && { workspace }),
  };
}
