/** Who is signed in, and what every request carries because of it. */
export interface Session {
  /** Changes with the person or the workspace: what was read for one is not shown to another. */
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The one place that knows how people sign in. Everything else asks it for headers, and tells it of a 401. */
export interface SessionStore {
  current(): Session | undefined;
  subscribe(listener: () => void): () => void;
  begin(secretKey: string): void;
  end(): void;
}

const storageKey = 'headwater-key';

/** A secret key, kept for as long as the tab is open. */
export function createSessionStore(storage: Storage): SessionStore {
  const listeners = new Set<() => void>();
  let session = toSession(storage.getItem(storageKey));

  function change(key: string | null): void {
    if (key === null) storage.removeItem(storageKey);
    else storage.setItem(storageKey, key);
    session = toSession(key);
    for (const listener of listeners) listener();
  }

  return {
    current: () => session,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    begin: (key) => change(key),
    end: () => change(null),
  };
}

function toSession(key: string | null): Session | undefined {
  return key === null ? undefined : { id: key, headers: { Authorization: `Bearer ${key}` } };
}
