import { useMemo, useState } from 'react';

import { ApiError } from '@headwater/client/api';
import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';

import { createDashboardApi } from '../api/api.ts';
import { ApiContext } from '../api/use-api.ts';
import { AuthApiContext, createAuthApi } from '../auth/auth-api.ts';
import { t } from '../messages/messages.ts';
import { createSessionStore } from '../session/session.ts';
import { SessionStoreContext, useSession, useSessionStore } from '../session/use-session.ts';
import { apiBaseUrl, readBasePath } from './base-path.ts';
import { createDashboardRouter } from './router.tsx';
import { theme } from './theme.ts';

export function App() {
  const [auth] = useState(() => createAuthApi(apiBaseUrl(readBasePath())));
  const [sessions] = useState(() => createSessionStore(sessionStorage, auth));
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <ModalsProvider labels={{ confirm: t.actions.confirm, cancel: t.actions.cancel }}>
        <Notifications position="bottom-right" />
        <SessionStoreContext value={sessions}>
          <AuthApiContext value={auth}>
            <Signed />
          </AuthApiContext>
        </SessionStoreContext>
      </ModalsProvider>
    </MantineProvider>
  );
}

/** Everything that belongs to one session: with the next one all of it begins anew. */
function Signed() {
  const sessions = useSessionStore();
  const session = useSession();
  const basePath = readBasePath();
  const api = useMemo(
    () => createDashboardApi(sessions, apiBaseUrl(basePath)),
    [sessions, basePath],
  );
  const router = useMemo(() => createDashboardRouter(basePath), [basePath]);
  const id = session?.id ?? '';
  const queries = useMemo(() => createQueries(id), [id]);
  return (
    <ApiContext value={api}>
      {/* What watches a query keeps the client that it began with. */}
      <QueryClientProvider key={id} client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ApiContext>
  );
}

function createQueries(_sessionId: string): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        refetchOnWindowFocus: true,
        // What the server has refused it refuses again.
        retry: (failures, fault) => failures < 1 && !(fault instanceof ApiError),
      },
    },
  });
}
