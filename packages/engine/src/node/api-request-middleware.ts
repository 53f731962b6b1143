import type { ApiRequestOptions } from '../capture/api-request.ts';
import { createForwardedReader } from '../capture/forwarded.ts';
import type { ApiRequestLog } from '../capture/log-api-request.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import type { HeadwaterOptions } from '../options.ts';
import { readRequest } from './node-request.ts';
import type { NodeRequest, NodeResponse } from './node-message.ts';

/** An engine as the log of API requests needs it. */
export interface Logging {
  readonly options: Pick<HeadwaterOptions, 'trustProxy' | 'proxyHeader' | 'logger'>;
  readonly apiRequests: {
    log<Asked>(options: ApiRequestOptions<Asked>): ApiRequestLog<Asked>;
  };
}

/**
 * Middleware for Express, Connect and `node:http`: records the requests of the application's own API as `api_request`
 * events, once they have been answered. It holds up and fails no request.
 *
 * @example
 * app.use(toApiRequestMiddleware(hw, { paths: ['/api'], identify: (request) => ({ externalId: request.user.id }) }));
 * @throws {ConfigurationError} options that record nothing, or do not say whom.
 */
export function toApiRequestMiddleware<Asked extends NodeRequest = NodeRequest>(
  hw: Logging,
  options: ApiRequestOptions<Asked>,
): (request: Asked, response: NodeResponse, next: (error?: unknown) => void) => void {
  const note = createNote(hw, options);
  return function recordNodeRequest(request, response, next) {
    const startedAt = performance.now();
    // Comes after the answer, and also where the caller has gone before it.
    response.once('close', () => {
      const milliseconds = performance.now() - startedAt;
      note(request, response, milliseconds, request);
    });
    next();
  };
}

/**
 * The same as an `onResponse` hook of Fastify.
 *
 * @example
 * app.addHook('onResponse', toApiRequestHook(hw, { paths: ['/api'], identify: (request) => request.customer }));
 */
export function toApiRequestHook<Asked extends { readonly raw: NodeRequest }>(
  hw: Logging,
  options: ApiRequestOptions<Asked>,
): (
  request: Asked,
  reply: { readonly raw: NodeResponse; readonly elapsedTime: number },
) => Promise<void> {
  const note = createNote(hw, options);
  return function recordFastifyRequest(request, reply) {
    note(request.raw, reply.raw, reply.elapsedTime, request);
    return Promise.resolve();
  };
}

function createNote<Asked>(hw: Logging, options: ApiRequestOptions<Asked>) {
  const log = hw.apiRequests.log(options);
  const settings = { readForwarded: createForwardedReader(hw.options), bodyMilliseconds: 0 };
  return function note(
    message: NodeRequest,
    response: NodeResponse,
    milliseconds: number,
    asked: Asked,
  ): void {
    try {
      const request = readRequest(settings, message);
      if (request === undefined) return;
      const answer = { status: response.statusCode, milliseconds };
      log.record(request, { ...answer, isAborted: !response.writableFinished }, asked);
    } catch (error) {
      hw.options.logger?.error('A request of the API could not be read.', {
        error: describeFault(error),
      });
    }
  };
}
