import { createContext, useContext } from 'react';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { UseMutationResult, UseQueryResult } from '@tanstack/react-query';

import { useSession } from '../session/use-session.ts';
import { AuthFault } from './auth-fault.ts';

export type Role = 'owner' | 'admin' | 'member' | 'viewer';
export const roles: readonly Role[] = ['owner', 'admin', 'member', 'viewer'];

export interface SignedInPerson {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

export interface WorkspaceChoice {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly role: Role;
  /** The simulated one, as the server knows it: names and slugs anybody may change. */
  readonly is_demo?: true;
}

export interface Team {
  readonly members: ReadonlyArray<SignedInPerson & { readonly role: Role; readonly you: boolean }>;
  readonly invitations: readonly TeamInvitation[];
}

export interface TeamInvitation {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly expires_at: string | null;
}

/** What the addresses of sign-in answer (docs/sign-in.md). */
interface Answers {
  'GET /methods': {
    readonly magic_link: boolean;
    readonly password_reset: boolean;
    readonly oidc: { readonly name: string } | null;
    readonly has_owner: boolean;
  };
  'GET /session': {
    readonly user: SignedInPerson;
    readonly workspaces: readonly WorkspaceChoice[];
  };
  'GET /sessions': {
    readonly sessions: ReadonlyArray<{
      readonly id: string;
      readonly user_agent: string | null;
      readonly created_at: string;
      readonly current: boolean;
    }>;
  };
  'GET /team': Team;
  'POST /sign-in/oidc': { readonly url: string };
  'POST /join/check': {
    readonly workspace: string;
    readonly email: string;
    readonly role: Role;
    readonly has_account: boolean;
  };
  'POST /team/invitations': TeamInvitation & { readonly url: string | null };
}

type AnswerTo<Asked extends string> = Asked extends keyof Answers ? Answers[Asked] : undefined;

export interface AuthApi {
  /** @throws {AuthFault} a refusal; a `TypeError` where no answer came */
  call<Method extends string, Path extends string>(
    method: Method,
    path: Path,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<AnswerTo<`${Method} ${Path}`>>;
}

/** The addresses of sign-in, below the base path. They know people by the cookie of their session. */
export function createAuthApi(baseUrl: string): AuthApi {
  return {
    async call(method, path, body, headers) {
      const response = await fetch(`${baseUrl}/auth${path}`, {
        method,
        headers: {
          ...headers,
          'X-Headwater-Request': '1',
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw await AuthFault.of(response);
      return (response.status === 204 ? undefined : await response.json()) as never;
    },
  };
}

export const AuthApiContext = createContext<AuthApi | undefined>(undefined);

export function useAuthApi(): AuthApi {
  const api = useContext(AuthApiContext);
  if (api === undefined) throw new Error('There is no API of sign-in around this component');
  return api;
}

/** What an address of sign-in answers, for the workspace that is shown. */
export function useAuthRead<Path extends '/methods' | '/sessions' | '/team'>(
  path: Path,
  { enabled = true }: { readonly enabled?: boolean } = {},
): UseQueryResult<AnswerTo<`GET ${Path}`>> {
  const api = useAuthApi();
  const headers = useSession()?.headers;
  return useQuery({
    queryKey: ['auth', path],
    queryFn: () => api.call('GET', path, undefined, headers),
    retry: false,
    enabled,
  });
}

/** A change at an address of sign-in; what was read there is read again afterwards. */
export function useAuthWrite<Input, Output>(
  write: (api: AuthApi, input: Input, headers: Record<string, string>) => Promise<Output>,
): UseMutationResult<Output, Error, Input> {
  const api = useAuthApi();
  const headers = useSession()?.headers;
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => write(api, input, { ...headers }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['auth'] }),
  });
}
