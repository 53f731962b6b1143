import { BodyTooLargeError } from './exchange.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';
import { normaliseRequestHost } from './forwarded.ts';
import type { ReadForwarded } from './forwarded.ts';

/** A web-standard request as the capture routes read it. The body is read from a copy: the API may need it too. */
export function toIncomingRequest(
  request: Request,
  remoteAddress: string | undefined,
  readForwarded: ReadForwarded,
): IncomingRequest {
  const url = new URL(request.url);
  const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
  const direct = {
    host: header('host') ?? url.host,
    scheme: url.protocol === 'https:' ? ('https' as const) : ('http' as const),
    remoteAddress,
  };
  const origins = readForwarded(header, direct);
  return {
    method: request.method,
    target: url.pathname + url.search,
    host: normaliseRequestHost(origins.host, origins.scheme) ?? '',
    scheme: origins.scheme,
    remoteAddress: origins.remoteAddress,
    header,
    body: (limit) => readBody(request, limit),
  };
}

async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw new BodyTooLargeError();
  const copy: ReadableStream<Uint8Array> | null = request.clone().body;
  if (copy === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = copy.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, size);
    size += value.byteLength;
    if (size > limit) {
      // The sender stops when neither the copy nor the request itself wants the rest.
      void Promise.allSettled([reader.cancel(), request.body?.cancel()]);
      throw new BodyTooLargeError();
    }
    chunks.push(value);
  }
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
