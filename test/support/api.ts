import { createApp } from '../../packages/engine/src/http/app.ts';
import type { Context } from '../../packages/engine/src/context.ts';
import { orThrow } from '../../packages/engine/src/kernel/result.ts';
import type { ApiKeyScope } from '../../packages/engine/src/workspaces/api-key.ts';
import { createApiKey } from '../../packages/engine/src/workspaces/create-api-key.ts';
import type { Workspace } from '../../packages/engine/src/workspaces/workspace.ts';

export interface ApiAnswer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface ApiCall {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, where it is no JSON. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
}

/** Calls the REST API of a context with one key: `api('POST', '/links', { url })`. */
export type Api = <Body = Record<string, unknown>>(
  method: string,
  path: string,
  body?: unknown,
  call?: ApiCall,
) => Promise<ApiAnswer<Body>>;

export async function openApi(
  context: Context,
  workspace: Workspace,
  scopes: readonly ApiKeyScope[] = ['admin'],
): Promise<Api & { readonly key: string }> {
  const { key } = orThrow(
    await createApiKey(context, workspace, { kind: 'secret', name: 'test', scopes }),
  );
  return Object.assign(callWith(context, { authorization: `Bearer ${key}` }), { key });
}

/** The same with any credentials, or none. */
export function callWith(context: Context, credentials: Readonly<Record<string, string>>): Api {
  const app = createApp(context);
  const base = `http://api.test${context.options.basePath ?? '/hw'}/api`;
  return async <Body>(
    method: string,
    path: string,
    body?: unknown,
    call: ApiCall = {},
  ): Promise<ApiAnswer<Body>> => {
    const sent = call.raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await app.request(base + path, {
      method,
      headers: {
        ...credentials,
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...call.headers,
      },
      ...(sent !== undefined && { body: sent }),
    });
    // A stream would never end.
    const type = response.headers.get('content-type') ?? '';
    const isStream = type.startsWith('text/event-stream');
    if (isStream) await response.body?.cancel();
    const text = isStream ? '' : await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' || type.startsWith('text/csv') ? undefined : JSON.parse(text)) as Body,
    };
  };
}
