import { BodyTooLargeError } from './exchange.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';
import { normaliseRequestHost, readForwarded } from './forwarded.ts';

/** A web-standard request as the capture routes read it. The body is read from a copy: the API may need it too. */
export function toIncomingRequest(
  request: Request,
  remoteAddress: string | undefined,
  trustProxy: boolean,
): IncomingRequest {
  const url = new URL(request.url);
  const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
  const direct = {
    host: header('host') ?? url.host,
    scheme: url.protocol === 'https:' ? ('https' as const) : ('http' as const),
    remoteAddress,
  };
  const origins = trustProxy ? readForwarded(header, direct) : direct;
  return {
    method: request.method,
    target: url.pathname + url.search,
    host: normaliseRequestHost(origins.host, origins.scheme) ?? '',
    scheme: origins.scheme,
    remoteAddress: origins.remoteAddress,
    header,
    async body(limit) {
      const bytes = new Uint8Array(await request.clone().arrayBuffer());
      if (bytes.byteLength > limit) throw new BodyTooLargeError();
      return bytes;
    },
  };
}

/** Statuses that a `Response` may have no body with (Fetch standard, "null body status"). */
const withoutBody = new Set([204, 205, 304]);

export function toWebResponse(answer: OutgoingResponse): Response {
  const headers = new Headers();
  for (const [name, value] of answer.headers) headers.append(name, value);
  const body = withoutBody.has(answer.status) ? null : (answer.body ?? null);
  return new Response(body as ConstructorParameters<typeof Response>[0], {
    status: answer.status,
    headers,
  });
}
