/**
 * Headwater in `node:http`, `node:http2`, Express, Connect, NestJS and Fastify.
 *
 * @module
 */
export { toApiRequestHook, toApiRequestMiddleware } from './node/api-request-middleware.ts';
export type { Logging } from './node/api-request-middleware.ts';
export { toGateHook, toGateMiddleware } from './node/gate-middleware.ts';
export type { Gated } from './node/gate-middleware.ts';
export { toLandingHook, toLandingMiddleware } from './node/landing-middleware.ts';
export type {
  InvitedRequest,
  Inviting,
  LandingMiddlewareOptions,
} from './node/landing-middleware.ts';
export { toFastifyNotFound, toFastifyPlugin } from './node/fastify-plugin.ts';
export { toInvitationGuard, toInvitationHook } from './node/invitation-middleware.ts';
export type { AdmittedRequest, InvitingEngine } from './node/invitation-middleware.ts';
export type { Admission, GuardOptions } from './mounts/invitation-guard.ts';
export { toNodeHandler } from './node/node-handler.ts';
export type { Answering, NodeHandler, NodeHandlerOptions } from './node/node-handler.ts';
export type { NodeRequest, NodeResponse } from './node/node-message.ts';
export { toTrackingHook, toTrackingMiddleware } from './node/tracking-middleware.ts';
export type { Recognising, TrackedRequest, TrackingOptions } from './node/tracking-middleware.ts';
