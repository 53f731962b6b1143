import type { IncomingRequest } from '../capture/exchange.ts';
import { createForwardedReader } from '../capture/forwarded.ts';
import type { Tracking } from '../capture/track-request.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import type { HeadwaterOptions } from '../options.ts';
import { readRequest } from './node-request.ts';
import type { NodeRequest, NodeResponse } from './node-message.ts';

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
  request: NodeRequest & TrackedRequest,
  response: NodeResponse,
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
  request: TrackedRequest & { readonly raw: NodeRequest },
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
): (message: NodeRequest) => Promise<Tracking | undefined> {
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
