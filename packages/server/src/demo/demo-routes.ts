import { orThrow } from 'headwater';
import type { Neighbour } from 'headwater';

import { workspaceHeader } from '../auth/find-membership.ts';
import type { SignInTables } from '../auth/sign-in-tables.ts';
import type { ServedDemo } from '../server.ts';
import type { DemoRecord } from './demo-store.ts';
import type { Demo } from './demo.ts';

const methods = ['GET', 'POST', 'DELETE'];

/**
 * `{base}/demo`: tells, makes and takes away the simulated workspace. Whoever may read the REST API may ask; making and
 * taking away are for admins. Requests of the REST API that name the simulated workspace are its engine's.
 */
export function serveDemo(
  demo: Demo,
  neighbour: Neighbour<SignInTables>,
  basePath: string,
): ServedDemo {
  const own = `${basePath}/demo`;
  const api = `${basePath}/api/`;

  async function answer(request: Request, remoteAddress: string | undefined): Promise<Response> {
    const { method } = request;
    if (!methods.includes(method)) return refuse(405, 'method_not_allowed', 'GET, POST or DELETE');
    const network = neighbour.networkOf(request, remoteAddress);
    // Whoever looks at the simulated workspace asks as a member of their own.
    const headers = new Headers(request.headers);
    headers.delete(workspaceHeader);
    const asked = new Request(request.url, { method, headers });
    const scope = method === 'GET' ? 'read' : 'admin';
    const caller = await neighbour.recognise({ request: asked, network }, scope);
    if (!caller.ok) return refuse(statusOf(caller.code), caller.code, caller.message);
    switch (method) {
      case 'DELETE':
        await demo.remove();
        return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } });
      case 'POST': {
        const record = await demo.make();
        const key = record.state === 'ready' ? await keyFor(request, record) : undefined;
        return tell(record.state === 'ready' ? 200 : 202, { ...toWire(record), ...key });
      }
      default:
        return tell(200, {
          ...toWire(await demo.find()),
          may_change: (await neighbour.recognise({ request: asked, network }, 'admin')).ok,
        });
    }
  }

  /** A session goes where it likes; a secret key has one workspace, and needs another one here. */
  async function keyFor(
    { headers }: Request,
    { workspaceId }: DemoRecord,
  ): Promise<{ readonly secret_key: string } | undefined> {
    if (!headers.has('authorization') && !headers.has('x-api-key')) return undefined;
    const hw = await demo.engineOf(workspaceId!);
    if (hw === undefined) return undefined;
    const made = await hw.apiKeys.create({ kind: 'secret', name: 'Dashboard', scopes: ['admin'] });
    return { secret_key: orThrow(made).key };
  }

  return {
    endStreams: () => demo.endStreams(),
    async handles(request) {
      const { pathname } = new URL(request.url);
      if (pathname === own) return (asked, details) => answer(asked, details.remoteAddress);
      const named = pathname.startsWith(api) ? request.headers.get(workspaceHeader) : null;
      if (named === null) return undefined;
      const hw = await demo.engineOf(named);
      return hw && ((asked, details) => hw.handler(asked, details));
    },
  };
}

function toWire(record: DemoRecord | undefined) {
  return {
    state: record?.state ?? 'none',
    workspace_id: record?.workspaceId ?? null,
    visits_done: record?.visitsDone ?? 0,
    visits_all: record?.visitsAll ?? 0,
  };
}

function statusOf(code: string): number {
  switch (code) {
    case 'forbidden':
    case 'insufficient_scope':
    case 'publishable_key':
      return 403;
    case 'rate_limited':
      return 429;
    case 'not_configured':
      return 503;
    default:
      return 401;
  }
}

function refuse(status: number, code: string, message: string): Response {
  return tell(status, { error: message, code });
}

function tell(status: number, body: unknown): Response {
  return Response.json(body, {
    status,
    headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  });
}
