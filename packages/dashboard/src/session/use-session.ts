import { createContext, useContext, useSyncExternalStore } from 'react';

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
