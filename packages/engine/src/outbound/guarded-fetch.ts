import { lookup as resolve } from 'node:dns';
import * as http from 'node:http';
import * as https from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

import { isPrivateAddress } from './private-address.ts';

export interface GuardedFetchOptions {
  /** Lets requests go to loopback and private networks. */
  readonly allowPrivateNetworks: boolean;
  /** Of an answer; the rest of a longer one is not read. */
  readonly answerBytesMax: number;
}

export interface GuardedFetch {
  /** The web's, for http and https; it follows no redirects. */
  readonly fetch: typeof fetch;
  /** Closes the connections that are kept open. */
  close(): void;
}

/** Nothing was sent, because the address is in a private network, or is no address of the web. */
export class RefusedAddressError extends Error {
  override readonly name = 'RefusedAddressError';
  readonly code = 'ERR_REFUSED_ADDRESS';
}

/**
 * `fetch` for addresses that users have configured. The address that a name leads to is judged where the connection is
 * made, so that a name which changes its address in between leads nowhere else.
 *
 * @throws {RefusedAddressError} nothing is sent there.
 */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: 20 }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: 20 }),
  };
  const lookup = guardedLookup(options.allowPrivateNetworks);
  return {
    async fetch(input, init) {
      const request = new Request(input, init);
      const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
      const target = new URL(request.url);
      if (target.protocol !== 'https:' && target.protocol !== 'http:')
        throw new RefusedAddressError('Requests go to http and https addresses only.');
      const host = target.hostname.replace(/^\[|\]$/g, '');
      // Addresses are not looked up, so they are judged here.
      if (!options.allowPrivateNetworks && isIP(host) !== 0 && isPrivateAddress(host))
        throw privateNetwork();
      return exchange(target, {
        method: request.method,
        headers: Object.fromEntries(request.headers),
        body,
        signal: init?.signal ?? undefined,
        agent: agents[target.protocol],
        lookup,
        answerBytesMax: options.answerBytesMax,
      });
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

function exchange(
  target: URL,
  request: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer | undefined;
    readonly signal: AbortSignal | undefined;
    readonly agent: http.Agent;
    readonly lookup: LookupFunction;
    readonly answerBytesMax: number;
  },
): Promise<Response> {
  const { method, headers, body, signal, agent, lookup, answerBytesMax } = request;
  return new Promise((answer, reject) => {
    const sent = (target.protocol === 'https:' ? https : http).request(target, {
      method,
      agent,
      lookup,
      headers: { ...headers, ...(body !== undefined && { 'content-length': body.byteLength }) },
      ...(signal !== undefined && { signal }),
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        if (bytes < answerBytesMax) chunks.push(chunk);
        bytes += chunk.byteLength;
      });
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).subarray(0, answerBytesMax);
        // Whoever answers may say 999, which is no status of the web: thrown outside a promise it would end the process.
        answer(Promise.resolve().then(() => toResponse(response, text)));
      });
    });
    sent.end(body);
  });
}

function toResponse(incoming: http.IncomingMessage, body: Buffer): Response {
  const status = incoming.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct))
    for (const one of value ?? []) headers.append(name, one);
  // The Fetch standard knows no bodies with these (§2.2.3).
  const isEmpty = status === 204 || status === 205 || status === 304;
  return new Response(isEmpty ? null : new Uint8Array(body), { status, headers });
}

function guardedLookup(allowPrivateNetworks: boolean): LookupFunction {
  return (hostname, settings, callback) => {
    resolve(hostname, { ...settings, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const addresses = allowPrivateNetworks
        ? found
        : found.filter(({ address }) => !isPrivateAddress(address));
      const [first] = addresses;
      if (first === undefined) return callback(privateNetwork(), []);
      if (settings.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function privateNetwork(): RefusedAddressError {
  return new RefusedAddressError('The address is in a private network, to which nothing is sent.');
}
