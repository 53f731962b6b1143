import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Logger } from 'headwater';
import { toNodeHandler } from 'headwater/node';
import type { Answering } from 'headwater/node';

import { createDashboard } from './dashboard.ts';
import { createPages } from './pages.ts';
import { processMetrics } from './process-metrics.ts';

/** The part of an engine that the HTTP server needs. */
export interface ServedEngine extends Answering {
  ready(): Promise<{ readonly ok: boolean; readonly checks: unknown }>;
  metrics(): string;
  readonly live: { close(): void };
}

/** What answers below a path of its own, instead of the engine. */
export interface ServedPath {
  serves(path: string): boolean;
  handler(request: Request, details: { readonly remoteAddress?: string }): Promise<Response>;
}

type Handle = (request: Request, details: { readonly remoteAddress?: string }) => Promise<Response>;

/** What answers some requests of the API instead of the engine: the simulated workspace. */
export interface ServedDemo {
  /** `undefined` for what is the engine's. */
  handles(request: Request): Promise<Handle | undefined>;
  endStreams(): void;
}

export interface HeadwaterServer {
  /** Resolves with the port once requests are accepted. */
  listen(port: number, host: string | undefined): Promise<number>;
  /** Accepts nothing new, answers what has arrived, and resolves when that is done or the patience is over. */
  stop(patienceMilliseconds: number): Promise<void>;
}

const kibibyte = 1024;
const readinessMilliseconds = 2_000;
const lingerMilliseconds = 100;
const connectionsMax = 10_000;

/** Serves an engine with its pages and its dashboard by `node:http`, and ends without losing what is in flight. */
export function createServer(
  hw: ServedEngine,
  settings: {
    readonly basePath: string;
    readonly logger: Logger;
    readonly signIn?: ServedPath;
    readonly demo?: ServedDemo;
    /** How long the headers of a request may take. @default 15_000 */
    readonly headersMilliseconds?: number;
  },
): HeadwaterServer {
  const { logger, signIn, demo, headersMilliseconds = 15_000 } = settings;
  const pages = createPages(settings.basePath);
  const dashboard = createDashboard(settings.basePath);
  const engine = toNodeHandler({
    ...hw,
    async handler(request, details) {
      if (signIn?.serves(new URL(request.url).pathname) === true)
        return signIn.handler(request, details);
      const handle = (await demo?.handles(request)) ?? hw.handler;
      return handle(request, details);
    },
  });
  const inFlight = new Set<ServerResponse>();
  let stopping = false;

  const server = createHttpServer(
    {
      maxHeaderSize: 16 * kibibyte,
      headersTimeout: headersMilliseconds,
      requestTimeout: headersMilliseconds * 2,
      connectionsCheckingInterval: headersMilliseconds / 3,
      // Longer than the 60 s that load balancers keep an idle connection, so that they close it and not we.
      keepAliveTimeout: 65_000,
      noDelay: true,
    },
    (request, response) => {
      inFlight.add(response);
      response.on('close', () => inFlight.delete(response));
      if (stopping) response.shouldKeepAlive = false;
      const own = ownAnswer(request, response);
      if (own === undefined) engine(request, response);
      else own.catch((error: unknown) => failed(response, error));
    },
  );
  // Files are for the database and the spool too; a connection above this number is closed at once.
  server.maxConnections = connectionsMax;
  server.on('clientError', answerClientError);

  function ownAnswer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> | undefined {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    const path = pathOf(request.url ?? '');
    if (path === '/healthz') return Promise.resolve(sendText(response, 200, 'ok\n'));
    if (path === '/readyz') return sendReadiness(response);
    if (path === '/metrics')
      return Promise.resolve(sendText(response, 200, hw.metrics() + processMetrics(inFlight.size)));
    return pages.get(path)?.send(request, response) ?? sendDashboard(path, request, response);
  }

  function sendDashboard(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> | undefined {
    const found = dashboard.find(path);
    return found?.then((asset) => {
      if (asset === undefined) engine(request, response);
      else return asset.send(request, response);
      return undefined;
    });
  }

  async function sendReadiness(response: ServerResponse): Promise<void> {
    // A database that has stopped answering keeps the question open.
    const unknown = { ok: false, checks: { database: 'failed' } };
    const { ok, checks } = await Promise.race([
      hw.ready(),
      sleep(readinessMilliseconds, unknown, { ref: false }),
    ]);
    const ready = ok && !stopping;
    sendJson(response, ready ? 200 : 503, { ok: ready, checks, ...(stopping ? { stopping } : {}) });
  }

  function failed(response: ServerResponse, error: unknown): void {
    logger.error('a request failed', { error });
    if (response.headersSent) response.destroy();
    else
      sendJson(response, 500, {
        error: 'Something went wrong on our side.',
        code: 'internal_error',
      });
  }

  return {
    listen: (port, host) => listen(server, port, host),
    async stop(patienceMilliseconds) {
      stopping = true;
      // Streams never end by themselves in time; their clients go on at another process.
      hw.live.close();
      demo?.endStreams();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const response of inFlight) response.shouldKeepAlive = false;
      const deadline = AbortSignal.timeout(patienceMilliseconds);
      do {
        await untilEmpty(inFlight, deadline);
        // Requests that had arrived, but were not read yet, get their answers too.
        await sleep(Math.min(lingerMilliseconds, patienceMilliseconds));
      } while (inFlight.size > 0 && !deadline.aborted);
      // What is left are idle connections, half requests, and clients that do not read their answers.
      server.closeAllConnections();
      await closed;
    },
  };
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

async function listen(server: Server, port: number, host: string | undefined): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function untilEmpty(
  inFlight: ReadonlySet<ServerResponse>,
  deadline: AbortSignal,
): Promise<void> {
  while (inFlight.size > 0 && !deadline.aborted) {
    const [next] = inFlight;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        deadline.removeEventListener('abort', done);
        resolve();
      };
      next?.once('close', done);
      deadline.addEventListener('abort', done);
    });
  }
}

const clientErrorStatus: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  // After a reset nobody is there to answer; an answer in progress must not be written into.
  const started =
    (socket as { _httpMessage?: { headersSent?: boolean } })._httpMessage?.headersSent === true;
  if (error.code === 'ECONNRESET' || !socket.writable || started) {
    socket.destroy();
    return;
  }
  const status = clientErrorStatus[error.code ?? ''] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; version=0.0.4; charset=utf-8', text);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json', JSON.stringify(value));
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  const length = String(Buffer.byteLength(body));
  response
    .writeHead(status, [
      'content-type',
      contentType,
      'cache-control',
      'no-store',
      'content-length',
      length,
    ])
    .end(body);
}
