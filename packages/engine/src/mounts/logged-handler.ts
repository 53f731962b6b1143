import type { ApiRequestOptions } from '../capture/api-request.ts';
import type { ApiRequestLog } from '../capture/log-api-request.ts';

/** An engine as the log of API requests needs it. */
export interface Logging {
  readonly apiRequests: {
    log<Asked>(options: ApiRequestOptions<Asked>): ApiRequestLog<Asked>;
  };
}

export interface LoggedHandlerOptions extends ApiRequestOptions {
  /** Keeps the platform from stopping before the request is recorded: Next.js' `after`. @default nothing */
  readonly waitUntil?: (work: Promise<unknown>) => void;
}

type Handler<More extends readonly unknown[]> = (
  request: Request,
  ...more: More
) => Response | Promise<Response>;

/**
 * A handler of the application's own API whose requests are recorded as `api_request` events, once they have been
 * answered: for routes of Next.js, Bun, and whatever else speaks `Request`. A handler that throws is recorded with 500.
 *
 * @example
 * export const GET = toLoggedHandler(openHeadwater, { paths: ['/api'], identify }, () => Response.json(orders));
 * @throws {ConfigurationError} options that record nothing, or do not say whom; with a function at the first request.
 */
export function toLoggedHandler<More extends readonly unknown[]>(
  hw: Logging | (() => Promise<Logging>),
  options: LoggedHandlerOptions,
  handler: Handler<More>,
): (request: Request, ...more: More) => Promise<Response> {
  const { waitUntil, ...logOptions } = options;
  let log = typeof hw === 'function' ? undefined : hw.apiRequests.log<Request>(logOptions);

  async function openLog(): Promise<ApiRequestLog<Request>> {
    const engine = typeof hw === 'function' ? await hw() : hw;
    return (log ??= engine.apiRequests.log<Request>(logOptions));
  }

  return async function answerAndRecord(request, ...more) {
    const opened = log ?? (await openLog());
    const startedAt = performance.now();
    let status = 500;
    try {
      const answer = await handler(request, ...more);
      status = answer.status;
      return answer;
    } finally {
      opened.record(request, { status, milliseconds: performance.now() - startedAt }, request);
      waitUntil?.(opened.settle());
    }
  };
}
