import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';

import { BodyTooLargeError } from './capture/exchange.ts';
import type { IncomingRequest, OutgoingResponse } from './capture/exchange.ts';
import { createForwardedReader, normaliseRequestHost, plainAddress } from './capture/forwarded.ts';
import type { Origins, ReadForwarded } from './capture/forwarded.ts';
import type { Tracking } from './capture/track-request.ts';
import { toMilliseconds } from './kernel/clock.ts';
import type { Duration } from './kernel/clock.ts';
import { describeFault } from './kernel/describe-fault.ts';
import { UnavailableError } from './kernel/errors.ts';
import type { HeadwaterOptions } from './options.ts';

/** The part of an engine that answers requests. */
export interface Answering {
  readonly options: Pick<HeadwaterOptions, 'basePath' | 'trustProxy' | 'proxyHeader' | 'logger'>;
  handle(request: IncomingRequest): Promise<OutgoingResponse | undefined>;
  handler(request: Request, details: { readonly remoteAddress?: string }): Promise<Response>;
}

export interface NodeHandlerOptions {
  /** The largest body that is read. @default 2 MiB */
  readonly bodyLimit?: number;
  /** How long a body may take to arrive. @default { seconds: 20 } */
  readonly bodyPatience?: Duration;
}

/** What Express, Connect and `node:http` call; `next` gets the requests that are not Headwater's. */
export type NodeHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/**
 * Serves an engine from `node:http`, Express, Connect or Fastify (`request.raw`, `reply.raw`).
 *
 * @example
 * const app = express();
 * app.use(toNodeHandler(hw));
 */
export function toNodeHandler(hw: Answering, options: NodeHandlerOptions = {}): NodeHandler {
  const settings: Settings = {
    hw,
    basePath: hw.options.basePath ?? '/hw',
    readForwarded: createForwardedReader(hw.options),
    bodyLimit: options.bodyLimit ?? 2 * 1024 * 1024,
    bodyMilliseconds: toMilliseconds(options.bodyPatience ?? { seconds: 20 }),
  };
  return function handleNodeRequest(request, response, next) {
    serve(settings, request, response, next).catch((error: unknown) => {
      fail(settings, request, response, error);
    });
  };
}

/** What servers should take at least (RFC 9110 §4.1); destinations that get the query take no more either. */
const targetCharactersMax = 8_192;

/** An engine as the tracking middleware needs it. */
export interface Recognising {
  readonly options: Pick<HeadwaterOptions, 'trustProxy' | 'proxyHeader' | 'logger'>;
  readonly tracking: {
    read(
      request: IncomingRequest,
      options?: { readonly workspaceId?: string },
    ): Promise<Tracking | undefined>;
  };
}

export interface TrackingOptions {
  /** @default the first workspace */
  readonly workspaceId?: string;
}

/** A request that the tracking middleware has seen: `undefined` for assets and everything that is no GET. */
export interface TrackedRequest {
  headwater?: Tracking | undefined;
}

/**
 * Middleware for Express, Connect and `node:http`: puts source, visitor and click of a page view on
 * `request.headwater`, and the cookies on the answer. It writes nothing to the database and fails no request.
 *
 * @example
 * app.use(toTrackingMiddleware(hw));
 */
export function toTrackingMiddleware(
  hw: Recognising,
  options: TrackingOptions = {},
): (
  request: IncomingMessage & TrackedRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void {
  const track = createTracker(hw, options);
  return function trackNodeRequest(request, response, next) {
    void track(request).then((tracking) => {
      request.headwater = tracking;
      for (const [name, value] of tracking?.headers ?? []) response.appendHeader(name, value);
      next();
    });
  };
}

/**
 * The same as an `onRequest` hook of Fastify.
 *
 * @example
 * app.addHook('onRequest', toTrackingHook(hw));
 */
export function toTrackingHook(
  hw: Recognising,
  options: TrackingOptions = {},
): (
  request: TrackedRequest & { readonly raw: IncomingMessage },
  reply: { header(name: string, value: string): unknown },
) => Promise<void> {
  const track = createTracker(hw, options);
  return async function trackFastifyRequest(request, reply) {
    const tracking = await track(request.raw);
    request.headwater = tracking;
    for (const [name, value] of tracking?.headers ?? []) reply.header(name, value);
  };
}

function createTracker(
  hw: Recognising,
  options: TrackingOptions,
): (message: IncomingMessage) => Promise<Tracking | undefined> {
  const settings = { readForwarded: createForwardedReader(hw.options), bodyMilliseconds: 0 };
  return async function track(message) {
    try {
      const request = readRequest(settings, message);
      return request === undefined ? undefined : await hw.tracking.read(request, options);
    } catch (error) {
      hw.options.logger?.error('A page view could not be read.', { error: describeFault(error) });
      return undefined;
    }
  };
}

interface Settings {
  readonly hw: Answering;
  readonly basePath: string;
  readonly readForwarded: ReadForwarded;
  readonly bodyLimit: number;
  readonly bodyMilliseconds: number;
}

async function serve(
  settings: Settings,
  message: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
): Promise<void> {
  if ((message.url ?? '').length > targetCharactersMax) {
    if (next !== undefined) next();
    else write(message, response, refusal(414, 'target_too_long', 'The address is too long.'));
    return;
  }
  const request = readRequest(settings, message);
  if (request === undefined) {
    // Another framework's routes may make sense of it.
    if (next !== undefined) next();
    else
      write(
        message,
        response,
        refusal(400, 'bad_request', 'The host or the target of the request is malformed.'),
      );
    return;
  }
  const fast = await settings.hw.handle(request);
  // A host with short links may be the application's own: what is no link there is a page of its.
  const isNoLink = fast?.status === 404 || fast?.status === 429;
  if (
    fast !== undefined &&
    (next === undefined || !isNoLink || isBelow(request.target, settings.basePath))
  ) {
    write(message, response, fast);
    return;
  }
  if (next !== undefined && !isBelow(request.target, settings.basePath)) {
    next();
    return;
  }
  const web = await toWebRequest(settings, message, request);
  if (web === undefined) {
    write(message, response, refusal(405, 'method_not_allowed', 'This method is not supported.'));
    return;
  }
  // Whose word is taken for another one is decided there once more.
  const remoteAddress = peerAddress(message);
  const answered = await settings.hw.handler(
    web,
    remoteAddress === undefined ? {} : { remoteAddress },
  );
  if (isStream(answered)) await writeStream(message, response, answered);
  else write(message, response, await fromWebResponse(answered));
}

/** Server-sent events go on until one side ends them; everything else is collected, for its length. */
function isStream(answer: Response): boolean {
  return answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
}

async function writeStream(
  message: IncomingMessage,
  response: ServerResponse,
  answer: Response,
): Promise<void> {
  const { body } = answer;
  if (body === null || message.method === 'HEAD' || response.destroyed) {
    await body?.cancel();
    write(message, response, { status: answer.status, headers: [...answer.headers] });
    return;
  }
  response.writeHead(answer.status, [...answer.headers].flat());
  response.flushHeaders();
  // Whoever goes away ends the stream; that is how they all end, and no failure.
  await pipeline(Readable.fromWeb(body), response).catch(() => undefined);
}

/** `undefined` when no URL can be made of host and target. */
function readRequest(
  settings: Pick<Settings, 'readForwarded' | 'bodyMilliseconds'>,
  message: IncomingMessage,
): IncomingRequest | undefined {
  if (hasTwoHosts(message.rawHeaders)) return undefined;
  const { headers } = message;
  let target = (message as { originalUrl?: string }).originalUrl ?? message.url ?? '';
  let direct: Origins = {
    host: headers.host ?? '',
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

/** Node takes the first, others the last: who is asked must not be a matter of taste (RFC 9112 §3.2). */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}

function peerAddress({ socket }: IncomingMessage): string | undefined {
  return socket.remoteAddress === undefined ? undefined : plainAddress(socket.remoteAddress);
}

function isBelow(target: string, basePath: string): boolean {
  if (!target.startsWith(basePath)) return false;
  const after = target.charAt(basePath.length);
  return after === '' || after === '/' || after === '?';
}

/** The client has gone; there is nobody to answer. */
class AbortedError extends Error {
  override readonly name = 'AbortedError';
}

class BodyTooSlowError extends Error {
  override readonly name = 'BodyTooSlowError';
}

function readBody(message: IncomingMessage, limit: number, patience: number): Promise<Uint8Array> {
  // Parsers that ran before us (express.json()) have consumed the stream.
  const parsed = (message as { body?: unknown }).body;
  if (message.readableEnded && parsed !== undefined) {
    const body = encodeParsed(parsed);
    return body.byteLength > limit
      ? Promise.reject(new BodyTooLargeError())
      : Promise.resolve(body);
  }
  if (Number(message.headers['content-length'] ?? 0) > limit)
    return Promise.reject(new BodyTooLargeError());

  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => {
      settle();
      reject(new BodyTooSlowError());
    }, patience);
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) {
        settle();
        reject(new BodyTooLargeError());
      } else {
        chunks.push(chunk);
      }
    };
    const onEnd = (): void => {
      settle();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    };
    const onClose = (): void => {
      settle();
      reject(new AbortedError());
    };
    function settle(): void {
      clearTimeout(timer);
      message.off('data', onData).off('end', onEnd).off('error', onClose).off('close', onClose);
      if (!message.readableEnded) message.pause();
      // An abort after this moment is reported as an error that nobody else listens to.
      message.on('error', () => undefined);
    }
    if (message.destroyed && !message.readableEnded) onClose();
    else message.on('data', onData).on('end', onEnd).on('error', onClose).on('close', onClose);
  });
}

function encodeParsed(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/** `undefined` for the methods that the web's `Request` does not have. */
async function toWebRequest(
  settings: Settings,
  message: IncomingMessage,
  request: IncomingRequest,
): Promise<Request | undefined> {
  const { method } = request;
  if (method === 'TRACE' || method === 'CONNECT' || method === 'TRACK') return undefined;
  const headers = new Headers();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const body = hasBody ? await request.body(settings.bodyLimit) : undefined;
  const url = `${request.scheme}://${request.host}${request.target}`;
  return new Request(url, {
    method,
    headers,
    body: body === undefined || body.byteLength === 0 ? null : (body as Uint8Array<ArrayBuffer>),
  });
}

async function fromWebResponse(response: Response): Promise<OutgoingResponse> {
  const headers: [string, string][] = [];
  // Iterating gives every `set-cookie` by itself, all others joined.
  response.headers.forEach((value, name) => headers.push([name, value]));
  return response.body === null
    ? { status: response.status, headers }
    : { status: response.status, headers, body: new Uint8Array(await response.arrayBuffer()) };
}

function write(message: IncomingMessage, response: ServerResponse, answer: OutgoingResponse): void {
  if (response.headersSent || response.destroyed) return;
  const { status, body } = answer;
  const headers: string[] = [];
  let length = false;
  for (const [name, value] of answer.headers) {
    headers.push(name, value);
    length ||= name === 'content-length';
  }
  if (
    !length &&
    status !== 204 &&
    status !== 304 &&
    status >= 200 &&
    !(message.method === 'HEAD' && body === undefined)
  ) {
    const size =
      body === undefined ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    headers.push('content-length', String(size));
  }
  // What is left of a refused body is not read: the connection ends with this answer.
  if (!message.complete && message.method !== 'GET' && message.method !== 'HEAD')
    headers.push('connection', 'close');
  response.writeHead(status, headers);
  response.end(message.method === 'HEAD' ? undefined : body);
}

function fail(
  settings: Settings,
  message: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  if (error instanceof AbortedError) {
    response.destroy();
  } else if (error instanceof BodyTooLargeError) {
    write(message, response, refusal(413, 'body_too_large', 'The body is too large.'));
  } else if (error instanceof BodyTooSlowError) {
    write(message, response, refusal(408, 'request_timeout', 'The body took too long to arrive.'));
  } else if (error instanceof UnavailableError) {
    const retry: readonly [string, string] = ['retry-after', String(error.retryAfterSeconds)];
    write(message, response, refusal(503, 'unavailable', 'Not available at the moment.', retry));
  } else {
    settings.hw.options.logger?.error('a request failed', {
      method: message.method,
      error: describeFault(error),
    });
    if (response.headersSent) response.destroy();
    else
      write(message, response, refusal(500, 'internal_error', 'Something went wrong on our side.'));
  }
}

function refusal(
  status: number,
  code: string,
  error: string,
  ...headers: (readonly [string, string])[]
): OutgoingResponse {
  return {
    status,
    headers: [['content-type', 'application/json'], ...headers],
    body: JSON.stringify({ error, code }),
  };
}
