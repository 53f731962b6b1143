import type { AuthApi, SignedInPerson, WorkspaceChoice } from '../auth/auth-api.ts';

/** Who is signed in, and what every request carries because of it. */
export interface Session {
  /** Changes with the person or the workspace: what was read for one is not shown to another. */
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
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
  end(): void;
  signOut(): Promise<void>;
}

const keyName = 'headwater-key';
const workspaceName = 'headwater-workspace';

export function createSessionStore(storage: Storage, auth: AuthApi): SessionStore {
  const listeners = new Set<() => void>();
  let session = ofKey(storage.getItem(keyName));
  let isKnown = session !== undefined;

  function change(next: Session | undefined): void {
    session = next;
    isKnown = true;
    for (const listener of listeners) listener();
  }

  function end(): void {
    storage.removeItem(keyName);
    change(undefined);
  }

  return {
    current: () => session,
    isKnown: () => isKnown,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async load() {
      try {
        const { user, workspaces } = await auth.call('GET', '/session');
        change(ofPerson(user, workspaces, storage.getItem(workspaceName)));
      } catch {
        // Nobody, or nothing that could be asked: both lead to the page for signing in.
        change(undefined);
      }
    },
    choose(workspaceId) {
      storage.setItem(workspaceName, workspaceId);
      if (session?.person !== undefined)
        change(ofPerson(session.person, session.workspaces, workspaceId));
    },
    begin(key) {
      storage.setItem(keyName, key);
      change(ofKey(key));
    },
    end,
    async signOut() {
      if (session?.person !== undefined) await auth.call('POST', '/sign-out');
      end();
    },
  };
}

function ofKey(key: string | null): Session | undefined {
  if (key === null) return undefined;
  return { id: key, headers: { Authorization: `Bearer ${key}` }, workspaces: [] };
}

function ofPerson(
  person: SignedInPerson,
  workspaces: readonly WorkspaceChoice[],
  chosen: string | null,
): Session {
  const workspace = workspaces.find(({ id }) => id === chosen) ?? workspaces[0];
  const headers: Record<string, string> = { 'X-Headwater-Request': '1' };
  if (workspace !== undefined) headers['X-Headwater-Workspace'] = workspace.id;
  return {
    id: `${person.id} ${workspace?.id ?? ''}`,
    headers,
    person,
    workspaces,
    ...(workspace && { workspace }),
  };
}
