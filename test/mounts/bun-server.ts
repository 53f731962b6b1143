// An application in Bun with Headwater in it. Prints what a test has to know.
import { guardInvitation, toBunFetch } from 'headwater/web';

import { openMounted } from './mounted.ts';

interface Bun {
  serve(options: { port: number; hostname: string; fetch: ReturnType<typeof toBunFetch> }): {
    readonly port: number;
  };
}
const { Bun } = globalThis as unknown as { Bun: Bun };

const { hw, key, invitation } = await openMounted();
const headwater = toBunFetch(hw, () => new Response('Not found', { status: 404 }));

const { port } = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request, server) {
    const { pathname } = new URL(request.url);
    if (pathname === '/about') {
      const tracking = await hw.tracking.read(request);
      return withHeaders(new Response(tracking?.source.source ?? 'nobody'), tracking?.headers);
    }
    if (pathname === '/signup') {
      const guarded = await guardInvitation(hw, request, { redirectTo: '/contact' });
      const answer =
        guarded.admitted === undefined
          ? new Response(null, { status: 303, headers: { location: guarded.location } })
          : new Response(guarded.admitted.invitation?.name ?? 'nobody');
      return withHeaders(answer, guarded.headers);
    }
    if (pathname === '/api/orders') return Response.json([]);
    return headwater(request, server);
  },
});
process.stdout.write(JSON.stringify({ origin: `http://127.0.0.1:${port}`, key, invitation }));

function withHeaders(
  response: Response,
  headers: readonly (readonly [string, string])[] = [],
): Response {
  for (const [name, value] of headers) response.headers.append(name, value);
  return response;
}
