import type { Context } from '../context.ts';
import { normaliseHost, withoutPort } from '../workspaces/domain.ts';

/**
 * Answers a TLS terminator that is about to get a certificate for a name: 200 where links are served on it, 404
 * otherwise. It says nothing of whose it is, and answers are remembered, so that it needs no credentials.
 */
export async function answerTlsAsk(
  context: Context,
  domain: string | undefined,
): Promise<Response> {
  const host = domain === undefined ? undefined : normaliseHost(domain);
  const isServed = host !== undefined && (await context.workspaces.servesName(withoutPort(host)));
  return new Response(isServed ? 'served\n' : 'not served\n', {
    status: isServed ? 200 : 404,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  });
}
