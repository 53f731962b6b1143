import { createContext, useContext, useEffect, useSyncExternalStore } from 'react';

import type { Session, SessionStore } from './session.ts';

export const SessionStoreContext = createContext<SessionStore | undefined>(undefined);

export function useSessionStore(): SessionStore {
  const store = useContext(SessionStoreContext);
  if (store === undefined) throw new Error('There is no session store around this component');
  return store;
}

export function useSession(): Session | undefined {
  const store = useSessionStore();
  return useSyncExternalStore(store.subscribe, store.current);
}

/** Whether it is known yet who is signed in; asks the server where it is not. */
export function useKnownSession(): boolean {
  const store = useSessionStore();
  const isKnown = useSyncExternalStore(store.subscribe, store.isKnown);
  useEffect(() => {
    if (!isKnown) void store.load();
  }, [isKnown, store]);
  return isKnown;
}
