import type { Tracking } from '../capture/track-request.ts';
import { createForwardedReader } from '../capture/forwarded.ts';
import { guardInvitation, joinCookies } from '../mounts/invitation-guard.ts';
import type { Admission, Guarded, GuardOptions, Inviting } from '../mounts/invitation-guard.ts';
import type { HeadwaterOptions } from '../options.ts';
import { readRequest } from './node-request.ts';
import type { TrackedRequest } from './tracking-middleware.ts';
import type { NodeRequest, NodeResponse } from './node-message.ts';

/** An engine as the middleware needs it. */
export interface InvitingEngine extends Inviting {
  readonly options: Pick<HeadwaterOptions, 'trustProxy' | 'proxyHeader'>;
}

/** A request that was let in. */
export interface AdmittedRequest {
  admission?: Admission;
}

/**
 * Middleware for Express, Connect and `node:http` in front of a sign-up: who comes with a good invitation goes on, with
 * `request.admission`; everybody else is sent elsewhere. Looking at an invitation never uses it up.
 *
 * @example
 * app.use('/signup', toInvitationGuard(hw, { redirectTo: '/contact' }));
 */
export function toInvitationGuard(
  hw: InvitingEngine,
  options: GuardOptions,
): (
  request: NodeRequest & TrackedRequest & AdmittedRequest,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void {
  const guard = createGuard(hw, options);
  return function guardNodeRequest(request, response, next) {
    guard(request, request.headwater).then((guarded) => {
      for (const [name, value] of guarded.headers) response.appendHeader(name, value);
      if (guarded.admitted === undefined) {
        response.statusCode = 303;
        response.setHeader('location', guarded.location);
        response.end();
        return;
      }
      request.admission = guarded.admitted;
      next();
    }, next);
  };
}

/**
 * The same as an `onRequest` or `preHandler` hook of Fastify.
 *
 * @example
 * app.get('/signup', { preHandler: toInvitationHook(hw, { redirectTo: '/contact' }) }, showSignUp);
 */
export function toInvitationHook(
  hw: InvitingEngine,
  options: GuardOptions,
): (
  request: TrackedRequest & AdmittedRequest & { readonly raw: NodeRequest },
  reply: {
    header(name: string, value: string): unknown;
    redirect(url: string, code?: number): unknown;
  },
) => Promise<unknown> {
  const guard = createGuard(hw, options);
  return async function guardFastifyRequest(request, reply) {
    const guarded = await guard(request.raw, request.headwater);
    for (const [name, value] of guarded.headers) reply.header(name, value);
    if (guarded.admitted === undefined) return reply.redirect(guarded.location, 303);
    request.admission = guarded.admitted;
    return undefined;
  };
}

function createGuard(
  hw: InvitingEngine,
  options: GuardOptions,
): (message: NodeRequest, tracking: Tracking | undefined) => Promise<Guarded> {
  const settings = { readForwarded: createForwardedReader(hw.options), bodyMilliseconds: 0 };
  return async function guard(message, tracking) {
    const request = readRequest(settings, message);
    if (request === undefined)
      return { headers: [], location: `${options.redirectTo}?error=bad_request` };
    // The tracking middleware may have named somebody new: it is the same visitor.
    const cookie = joinCookies(request.header('cookie'), tracking?.headers ?? []);
    const header = (name: string) => (name === 'cookie' ? cookie : request.header(name));
    return guardInvitation(hw, { ...request, header }, options);
  };
}
