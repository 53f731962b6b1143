import type { IncomingRequest } from '../capture/exchange.ts';
import { createForwardedReader } from '../capture/forwarded.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import type { HeadwaterOptions } from '../options.ts';
import type { Landing, LandingOptions } from '../referrals/read-landing.ts';
import { write } from './node-answer.ts';
import { readRequest } from './node-request.ts';
import type { NodeRequest, NodeResponse } from './node-message.ts';

/** An engine as the landing middleware needs it. */
export interface Inviting {
  readonly options: Pick<HeadwaterOptions, 'trustProxy' | 'proxyHeader' | 'logger'>;
  readonly referrals: {
    readLanding(
      request: IncomingRequest,
      options: LandingOptions & { readonly workspaceId?: string },
    ): Promise<Landing>;
  };
}

export interface LandingMiddlewareOptions extends LandingOptions {
  /** @default the first workspace */
  readonly workspaceId?: string;
}

/** A request that the landing middleware has seen; `undefined` where the database could not be asked. */
export interface InvitedRequest {
  landing?: Landing | undefined;
}

/**
 * Middleware for Express, Connect and `node:http`: checks the invitation and the code that a request comes with, keeps
 * them in the signed cookie, and puts them on `request.landing`. It lets nobody in and fails no request.
 *
 * @example
 * app.use('/signup', toLandingMiddleware(hw, { refusedTo: '/contact', stripToken: true }));
 */
export function toLandingMiddleware(
  hw: Inviting,
  options: LandingMiddlewareOptions = {},
): (
  request: NodeRequest & InvitedRequest,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void {
  const read = createReader(hw, options);
  return function landNodeRequest(request, response, next) {
    read(request).then((landing) => {
      request.landing = landing;
      for (const [name, value] of landing?.headers ?? []) response.appendHeader(name, value);
      const to = landing?.redirectTo;
      if (to === undefined) next();
      else write(request, response, { status: 303, headers: [['location', to], noStore] });
    }, next);
  };
}

/**
 * The same as an `onRequest` hook of Fastify.
 *
 * @example
 * app.addHook('onRequest', toLandingHook(hw, { refusedTo: '/contact' }));
 */
export function toLandingHook(
  hw: Inviting,
  options: LandingMiddlewareOptions = {},
): (
  request: InvitedRequest & { readonly raw: NodeRequest },
  reply: {
    code(status: number): unknown;
    header(name: string, value: string): unknown;
    send(body?: unknown): unknown;
  },
) => Promise<unknown> {
  const read = createReader(hw, options);
  return async function landFastifyRequest(request, reply) {
    const landing = await read(request.raw);
    request.landing = landing;
    for (const [name, value] of landing?.headers ?? []) reply.header(name, value);
    if (landing?.redirectTo === undefined) return undefined;
    reply.code(303);
    for (const [name, value] of [['location', landing.redirectTo] as const, noStore])
      reply.header(name, value);
    return reply.send('');
  };
}

const noStore = ['cache-control', 'no-store'] as const;

function createReader(
  hw: Inviting,
  options: LandingMiddlewareOptions,
): (message: NodeRequest) => Promise<Landing | undefined> {
  const settings = { readForwarded: createForwardedReader(hw.options), bodyMilliseconds: 0 };
  return async function read(message) {
    try {
      const request = readRequest(settings, message);
      return request === undefined ? undefined : await hw.referrals.readLanding(request, options);
    } catch (error) {
      hw.options.logger?.error('A landing could not be read.', { error: describeFault(error) });
      return undefined;
    }
  };
}
