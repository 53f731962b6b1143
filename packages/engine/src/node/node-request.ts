import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

import type { IncomingRequest } from '../capture/exchange.ts';
import { normaliseRequestHost, plainAddress } from '../capture/forwarded.ts';
import type { Origins, ReadForwarded } from '../capture/forwarded.ts';
import { readBody } from './node-body.ts';
import type { NodeRequest } from './node-message.ts';

/** How a message is read. */
export interface ReadSettings {
  readonly readForwarded: ReadForwarded;
  readonly bodyMilliseconds: number;
}

/** `undefined` when no URL can be made of host and target. */
export function readRequest(
  settings: ReadSettings,
  message: NodeRequest,
): IncomingRequest | undefined {
  if (hasTwoHosts(message.rawHeaders)) return undefined;
  const { headers } = message;
  let target = (message as { originalUrl?: string }).originalUrl ?? message.url ?? '';
  let direct: Origins = {
    // HTTP/2 has the host in a header of its own (RFC 9113 §8.3.1).
    host: authorityOf(message) ?? headers.host ?? '',
    scheme: (message.socket as Partial<TLSSocket>).encrypted ? 'https' : 'http',
    remoteAddress: peerAddress(message),
  };
  if (!target.startsWith('/')) {
    // The absolute form names the host itself (RFC 9112 §3.2.2).
    const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(target);
    if (absolute === null) return undefined;
    direct = { ...direct, host: absolute[1] ?? '' };
    target = absolute[2]?.startsWith('/') === true ? absolute[2] : `/${absolute[2] ?? ''}`;
  }
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'object' ? value.join(', ') : value;
  };
  const origins = settings.readForwarded(header, direct);
  const host = normaliseRequestHost(origins.host, origins.scheme);
  if (host === undefined) return undefined;
  return {
    method: message.method ?? 'GET',
    target,
    host,
    scheme: origins.scheme,
    remoteAddress: origins.remoteAddress,
    header,
    body: (limit) => readBody(message, limit, settings.bodyMilliseconds),
  };
}

function authorityOf({ headers }: NodeRequest): string | undefined {
  const authority = headers[':authority'];
  return typeof authority === 'string' ? authority : undefined;
}

/** Node takes the first, others the last: who is asked must not be a matter of taste (RFC 9112 §3.2). */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}

/** Who is at the other end of the connection. */
export function peerAddress({ socket }: NodeRequest): string | undefined {
  return socket.remoteAddress === undefined ? undefined : plainAddress(socket.remoteAddress);
}

/** `undefined` for the methods that the web's `Request` does not have. */
export async function toWebRequest(
  message: NodeRequest,
  request: IncomingRequest,
  bodyLimit: number,
): Promise<Request | undefined> {
  const { method } = request;
  if (method === 'TRACE' || method === 'CONNECT' || method === 'TRACK') return undefined;
  const headers = new Headers();
  // HTTP/2 has only the joined ones, and pseudo-headers among them.
  const given = (message as Partial<IncomingMessage>).headersDistinct ?? message.headers;
  for (const [name, values = []] of Object.entries(given)) {
    if (name.startsWith(':')) continue;
    for (const value of typeof values === 'string' ? [values] : values) headers.append(name, value);
  }
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const body = hasBody ? await request.body(bodyLimit) : undefined;
  const url = `${request.scheme}://${request.host}${request.target}`;
  return new Request(url, {
    method,
    headers,
    body: body === undefined || body.byteLength === 0 ? null : (body as Uint8Array<ArrayBuffer>),
  });
}
