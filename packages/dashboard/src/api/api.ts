import { createApi } from '@headwater/client/api';
import type { Api } from '@headwater/client/api';

import type { SessionStore } from '../session/session.ts';

/** The generated client, with the session's headers in place of a key of its own. */
export function createDashboardApi(sessions: SessionStore, baseUrl: string): Api {
  return createApi({
    // Never sent: the session says who asks.
    apiKey: 'session',
    baseUrl,
    // Reports over years, on a small machine.
    timeoutMs: 30_000,
    maxRetries: 1,
    fetch: async (url, init) => {
      const headers = new Headers(init.headers);
      headers.delete('Authorization');
      headers.delete('User-Agent');
      const session = sessions.current();
      for (const [name, value] of Object.entries(session?.headers ?? {})) headers.set(name, value);
      const response = await fetch(url, { ...init, headers });
      // What was asked for another session says nothing of this one.
      if (response.status === 401 && session === sessions.current()) sessions.end();
      return response;
    },
  });
}
