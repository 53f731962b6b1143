import { toWebHandler } from './web-handler.ts';
import type { WebAnswering, WebDetails } from './web-handler.ts';

const methods = ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS'] as const;

type NextHandlers = Readonly<
  Record<(typeof methods)[number], (request: Request) => Promise<Response>>
>;

/**
 * The exports of a route of Next.js: `app/hw/[[...path]]/route.ts` for everything below the base path, and
 * `app/[...key]/route.ts` for short links, which Next.js asks last. The engine may be a promise, or a function that gives
 * one, so that a build opens no database.
 *
 * @example
 * export const { GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS } = toNextHandlers(() => openHeadwater());
 */
export function toNextHandlers(
  hw: WebAnswering | Promise<WebAnswering> | (() => Promise<WebAnswering>),
  options: {
    /** Who asks, from what the platform in front of Next.js says. @default not known: limits by network count nothing */
    readonly remoteAddress?: (request: Request) => string | undefined;
    /** Next.js' `after`, on platforms that stop a process once it has answered. @default nothing is waited for */
    readonly waitUntil?: WebDetails['waitUntil'];
  } = {},
): NextHandlers {
  async function answer(request: Request): Promise<Response> {
    const engine = await (typeof hw === 'function' ? hw() : hw);
    const remoteAddress = options.remoteAddress?.(request);
    const { waitUntil } = options;
    const answered = await toWebHandler(engine)(request, { remoteAddress, waitUntil });
    return answered ?? new Response('Not found', { status: 404 });
  }
  return Object.fromEntries(methods.map((method) => [method, answer])) as NextHandlers;
}
