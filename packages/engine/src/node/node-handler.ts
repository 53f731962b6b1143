import type { IncomingRequest, OutgoingResponse } from '../capture/exchange.ts';
import { createForwardedReader } from '../capture/forwarded.ts';
import { toMilliseconds } from '../kernel/clock.ts';
import type { Duration } from '../kernel/clock.ts';
import type { HeadwaterOptions } from '../options.ts';
import { fail, refusal, write, writeWeb } from './node-answer.ts';
import { peerAddress, readRequest, toWebRequest } from './node-request.ts';
import type { ReadSettings } from './node-request.ts';
import type { NodeRequest, NodeResponse } from './node-message.ts';

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
  request: NodeRequest,
  response: NodeResponse,
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
      fail(hw.options.logger, request, response, error);
    });
  };
}

/** What servers should take at least (RFC 9110 §4.1); destinations that get the query take no more either. */
const targetCharactersMax = 8_192;

interface Settings extends ReadSettings {
  readonly hw: Answering;
  readonly basePath: string;
  readonly bodyLimit: number;
}

async function serve(
  settings: Settings,
  message: NodeRequest,
  response: NodeResponse,
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
  const web = await toWebRequest(message, request, settings.bodyLimit);
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
  await writeWeb(message, response, answered);
}

function isBelow(target: string, basePath: string): boolean {
  if (!target.startsWith(basePath)) return false;
  const after = target.charAt(basePath.length);
  return after === '' || after === '/' || after === '?';
}
