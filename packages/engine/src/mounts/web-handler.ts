import type { IncomingRequest, OutgoingResponse } from '../capture/exchange.ts';
import { createForwardedReader } from '../capture/forwarded.ts';
import { toIncomingRequest, toWebResponse } from '../capture/web-exchange.ts';
import type { HeadwaterOptions } from '../options.ts';

/** The part of an engine that answers requests. */
export interface WebAnswering {
  readonly options: Pick<HeadwaterOptions, 'basePath' | 'trustProxy' | 'proxyHeader'>;
  handle(request: IncomingRequest): Promise<OutgoingResponse | undefined>;
  handler(request: Request, details: { readonly remoteAddress?: string }): Promise<Response>;
  readonly events: { flush(): Promise<void> };
}

export interface WebDetails {
  /** Who asks. @default not known: limits by network count nothing */
  readonly remoteAddress?: string | undefined;
  /**
   * For platforms that stop a process once it has answered: is given what has to end before that. Where it is given,
   * `hw.start()` need not run for what requests tell of to be recorded.
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

/** `undefined`: it is no request of Headwater's, and the application answers it. */
export type WebHandler = (request: Request, details?: WebDetails) => Promise<Response | undefined>;

/**
 * Answers what is below the base path, and short links that exist; the rest is the application's. Where its own pages
 * are on the host of the links, it asks here last.
 *
 * @example
 * const headwater = toWebHandler(hw);
 * const answer = (await headwater(request, { remoteAddress })) ?? notFound();
 */
export function toWebHandler(hw: WebAnswering): WebHandler {
  const basePath = hw.options.basePath ?? '/hw';
  const readForwarded = createForwardedReader(hw.options);
  return async function answerWebRequest(request, { remoteAddress, waitUntil } = {}) {
    const answer = isBelow(new URL(request.url).pathname, basePath)
      ? await hw.handler(request, remoteAddress === undefined ? {} : { remoteAddress })
      : await followLink(request, remoteAddress);
    if (answer !== undefined) waitUntil?.(hw.events.flush());
    return answer;
  };

  async function followLink(
    request: Request,
    remoteAddress: string | undefined,
  ): Promise<Response | undefined> {
    const answer = await hw.handle(toIncomingRequest(request, remoteAddress, readForwarded));
    const isNoLink = answer?.status === 404 || answer?.status === 429;
    return answer === undefined || isNoLink ? undefined : toWebResponse(answer);
  }
}

function isBelow(path: string, basePath: string): boolean {
  return path === basePath || path.startsWith(`${basePath}/`);
}
