import { toWebHandler } from './web-handler.ts';
import type { WebAnswering } from './web-handler.ts';

interface BunServer {
  requestIP(request: Request): { readonly address: string } | null;
}

/**
 * The `fetch` of `Bun.serve`: Headwater's requests, and `otherwise` the application's.
 *
 * @example
 * Bun.serve({ routes, fetch: toBunFetch(hw, () => new Response('Not found', { status: 404 })) });
 */
export function toBunFetch(
  hw: WebAnswering,
  otherwise: (request: Request) => Response | Promise<Response>,
): (request: Request, server: BunServer) => Promise<Response> {
  const headwater = toWebHandler(hw);
  return async function fetchFromBun(request, server) {
    const remoteAddress = server.requestIP(request)?.address;
    return (await headwater(request, { remoteAddress })) ?? otherwise(request);
  };
}
