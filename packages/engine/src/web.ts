/**
 * Headwater in whatever speaks `Request` and `Response`: Hono, Next.js, Bun, Deno.
 *
 * @module
 */
export { toBunFetch } from './mounts/bun-fetch.ts';
export {
  toHonoApiRequests,
  toHonoGuard,
  toHonoMiddleware,
  toHonoTracking,
} from './mounts/hono-middleware.ts';
export { guardInvitation } from './mounts/invitation-guard.ts';
export type { Admission, Guarded, GuardOptions, Inviting } from './mounts/invitation-guard.ts';
export { toLoggedHandler } from './mounts/logged-handler.ts';
export type { LoggedHandlerOptions, Logging } from './mounts/logged-handler.ts';
export { toNextHandlers } from './mounts/next-handlers.ts';
export { toWebHandler } from './mounts/web-handler.ts';
export type { WebAnswering, WebDetails, WebHandler } from './mounts/web-handler.ts';
