import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { apiBaseUrl, readBasePath } from '../app/base-path.ts';
import { AuthFault } from '../auth/auth-fault.ts';
import type { Session } from '../session/session.ts';
import { useSession, useSessionStore } from '../session/use-session.ts';

/** What the server says of its simulated workspace (docs/dashboard.md). */
export interface DemoStatus {
  readonly state: 'none' | 'making' | 'ready' | 'failed';
  readonly workspace_id: string | null;
  readonly visits_done: number;
  readonly visits_all: number;
  /** Whether who asks may make it and take it away. */
  readonly may_change?: boolean;
  /** For who came with a secret key: such a key has one workspace, and this is one for the simulated one. */
  readonly secret_key?: string;
}

const lookEveryMilliseconds = 1_000;

async function ask(session: Session | undefined, method: 'GET' | 'POST'): Promise<DemoStatus> {
  return (await (await call(session, method)).json()) as DemoStatus;
}

async function call(session: Session | undefined, method: string): Promise<Response> {
  const response = await fetch(`${apiBaseUrl(readBasePath())}/demo`, {
    method,
    headers: { ...session?.asker },
  });
  if (!response.ok) throw await AuthFault.of(response);
  return response;
}

/** Whether there is a simulated workspace; while it is being made, again every second. */
export function useDemo({ enabled = true } = {}) {
  const session = useSession();
  return useQuery({
    queryKey: ['demo'],
    enabled,
    queryFn: () => ask(session, 'GET'),
    refetchInterval: ({ state: { data } }) =>
      data?.state === 'making' ? lookEveryMilliseconds : false,
    retry: false,
  });
}

/** Makes the simulated workspace; goes there once it is ready. */
export function useDemoActions() {
  const session = useSession();
  const sessions = useSessionStore();
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: () => ask(session, 'POST'),
    onSuccess: (status) => queries.setQueryData(['demo'], { ...status, may_change: true }),
  });
  const enter = useMutation({
    mutationFn: async () => {
      // A person goes there as they are; for a secret key the server makes another one.
      const status = await ask(session, session?.person === undefined ? 'POST' : 'GET');
      if (status.state !== 'ready' || status.workspace_id === null) return;
      await sessions.enterDemo(status.workspace_id, status.secret_key);
    },
  });
  const remove = useMutation({
    mutationFn: () => call(session, 'DELETE'),
    onSuccess: () => sessions.leaveDemo(true),
  });
  return { make, enter, remove };
}
