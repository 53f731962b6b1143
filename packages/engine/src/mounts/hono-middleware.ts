import type { ApiRequestOptions } from '../capture/api-request.ts';
import type { Tracking } from '../capture/track-request.ts';
import { guardInvitation, joinCookies } from './invitation-guard.ts';
import type { GuardOptions, Inviting } from './invitation-guard.ts';
import type { Logging } from './logged-handler.ts';
import { toWebHandler } from './web-handler.ts';
import type { WebAnswering } from './web-handler.ts';

/** What the middleware uses of Hono's context. */
interface HonoContext {
  readonly req: { readonly raw: Request };
  readonly env: unknown;
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  header(name: string, value: string, options?: { readonly append?: boolean }): void;
  redirect(location: string, status: 303): Response;
}

type HonoMiddleware = (c: HonoContext, next: () => Promise<void>) => Promise<Response | undefined>;

interface HonoOptions {
  /** @default what Hono's server for Node knows */
  readonly remoteAddress?: (c: HonoContext) => string | undefined;
}

/**
 * Middleware for Hono: everything below the base path, and short links. After the application's own routes, so that
 * links come last.
 *
 * @example
 * app.use(toHonoMiddleware(hw));
 */
export function toHonoMiddleware(hw: WebAnswering, options: HonoOptions = {}): HonoMiddleware {
  const headwater = toWebHandler(hw);
  const { remoteAddress = addressOfNode } = options;
  return async function answerHonoRequest(c, next) {
    const answer = await headwater(c.req.raw, { remoteAddress: remoteAddress(c) });
    if (answer === undefined) await next();
    // It has cookies of its own.
    else c.set('headwater', undefined);
    return answer;
  };
}

interface Recognising {
  readonly tracking: {
    read(
      request: Request,
      options?: { readonly workspaceId?: string; readonly remoteAddress?: string },
    ): Promise<Tracking | undefined>;
  };
}

/**
 * Middleware for Hono: source, visitor and click of a page view are `c.get('headwater')`, and the answer gets their
 * cookies. Before the routes that it is for.
 *
 * @example
 * app.use(toHonoTracking(hw));
 */
export function toHonoTracking(
  hw: Recognising,
  options: HonoOptions & { readonly workspaceId?: string } = {},
): HonoMiddleware {
  const { remoteAddress = addressOfNode, workspaceId } = options;
  return async function trackHonoRequest(c, next) {
    const address = remoteAddress(c);
    const tracking = await hw.tracking.read(c.req.raw, {
      ...(workspaceId !== undefined && { workspaceId }),
      ...(address !== undefined && { remoteAddress: address }),
    });
    c.set('headwater', tracking);
    await next();
    if (c.get('headwater') === tracking)
      for (const [name, value] of tracking?.headers ?? []) c.header(name, value, { append: true });
    return undefined;
  };
}

/**
 * Middleware for Hono in front of a sign-up: who comes with a good invitation goes on, with `c.get('admission')`;
 * everybody else is sent elsewhere.
 *
 * @example
 * app.use('/signup', toHonoGuard(hw, { redirectTo: '/contact' }));
 */
export function toHonoGuard(hw: Inviting, options: GuardOptions & HonoOptions): HonoMiddleware {
  const { remoteAddress = addressOfNode } = options;
  return async function guardHonoRequest(c, next) {
    const tracking = c.get('headwater') as Tracking | undefined;
    const request = withCookies(c.req.raw, tracking?.headers ?? []);
    const guarded = await guardInvitation(hw, request, options, remoteAddress(c));
    if (guarded.admitted === undefined) {
      const answer = c.redirect(guarded.location, 303);
      for (const [name, value] of guarded.headers) answer.headers.append(name, value);
      return answer;
    }
    c.set('admission', guarded.admitted);
    await next();
    for (const [name, value] of guarded.headers) c.header(name, value, { append: true });
    return undefined;
  };
}

/**
 * Middleware for Hono: records the requests of the application's own API as `api_request` events, once they have been
 * answered; the callbacks get Hono's context. Before the routes that it is for.
 *
 * @example
 * app.use(toHonoApiRequests(hw, { paths: ['/api'], identify: (c) => ({ externalId: c.get('customerId') }) }));
 * @throws {ConfigurationError} options that record nothing, or do not say whom.
 */
export function toHonoApiRequests<C extends HonoContext & { readonly res: Response }>(
  hw: Logging,
  options: ApiRequestOptions<C>,
): (c: C, next: () => Promise<void>) => Promise<undefined> {
  const log = hw.apiRequests.log(options);
  return async function recordHonoRequest(c, next) {
    const startedAt = performance.now();
    await next();
    const milliseconds = performance.now() - startedAt;
    log.record(c.req.raw, { status: c.res.status, milliseconds }, c);
    return undefined;
  };
}

/** The request as the browser would send it with the cookies that its answer will set: it is the same visitor. */
function withCookies(request: Request, headers: Tracking['headers']): Request {
  const cookie = joinCookies(request.headers.get('cookie') ?? undefined, headers);
  if (cookie === undefined) return request;
  const changed = new Headers(request.headers);
  changed.set('cookie', cookie);
  return new Request(request.url, { method: request.method, headers: changed });
}

/** `@hono/node-server` puts the message of Node there. */
function addressOfNode({ env }: HonoContext): string | undefined {
  const { incoming } = (env ?? {}) as {
    readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
  };
  return incoming?.socket?.remoteAddress;
}
