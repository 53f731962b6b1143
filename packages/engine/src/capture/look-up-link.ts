import type { Context } from '../context.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { within } from '../kernel/within.ts';
import type { LinkCache } from '../links/link-cache.ts';
import type { Captures } from '../links/link-pattern.ts';
import type { PathLinks } from '../links/path-links.ts';
import type { RedirectLink } from '../links/redirect-link.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { OutgoingResponse } from './exchange.ts';

export interface LinkLookup {
  /** Not known when the database cannot be asked who serves the host. */
  readonly workspace: Workspace | undefined;
  readonly link: RedirectLink | undefined;
  /** Of a pattern link. */
  readonly captures?: Captures | undefined;
}

/**
 * `undefined` where the host serves no links. What is remembered is good enough when nobody can be asked. A promise only
 * where somebody has to be.
 */
export type LookUpLink = (host: string, key: string) => LookUpAnswer | Promise<LookUpAnswer>;

type LookUpAnswer = LinkLookup | undefined | 'unavailable';

export const notFound = text(404, 'Link not found');
export const expired = text(410, 'Link expired');
export const inactive = text(404, 'Link is not active');
export const unavailable = text(503, 'Try again in a moment', ['retry-after', '1']);

/**
 * How long a link that is remembered waits to hear who serves its host, in milliseconds: a moment where the database is
 * known to be late, otherwise as long as a slow answer takes.
 */
const lookUpPatience = { behind: 50, usual: 1_000 };

export function createLookUpLink(context: Context, linkCache: LinkCache): LookUpLink {
  return function lookUpLink(host, key) {
    const workspace = context.workspaces.servedBy(host);
    const link = workspace && linkCache.remembered(workspace.id, host, key);
    return link === undefined ? ask(host, key) : { workspace, link };
  };

  async function ask(host: string, key: string): Promise<LookUpAnswer> {
    const remembered = linkCache.recall(host, key);
    let workspace: Workspace | undefined;
    try {
      const owner = context.workspaces.forHost(host);
      const patience = lookUpPatience[context.changeLog.isBehind() ? 'behind' : 'usual'];
      workspace = await (remembered === undefined ? owner : within(owner, patience));
      if (workspace === undefined) return undefined;
      const answer = linkCache.find(workspace.id, host, key);
      return { workspace, link: answer instanceof Promise ? await answer : answer };
    } catch (error) {
      const link = linkCache.recall(host, key);
      const isTheirs = workspace === undefined || link?.workspaceId === workspace.id;
      if (link !== undefined && isTheirs) return { workspace, link };
      context.logger.warn('A link could not be looked up', { error: describeFault(error) });
      return 'unavailable';
    }
  }
}

/** The same for a path of several segments; `undefined` too where no link begins like it. */
export function createLookUpPath(
  context: Context,
  pathLinks: PathLinks,
): (...asked: Parameters<LookUpLink>) => Promise<LookUpAnswer> {
  return async function lookUpPath(host, path) {
    try {
      const workspace = await context.workspaces.forHost(host);
      if (workspace === undefined) return undefined;
      const found = await pathLinks.find(workspace.id, host, path);
      if (found === undefined) return undefined;
      return found === 'missing' ? { workspace, link: undefined } : { workspace, ...found };
    } catch (error) {
      context.logger.warn('A link could not be looked up', { error: describeFault(error) });
      return 'unavailable';
    }
  };
}

function text(
  status: number,
  message: string,
  ...headers: OutgoingResponse['headers']
): OutgoingResponse {
  return {
    status,
    headers: [
      ['content-type', 'text/plain; charset=utf-8'],
      ['cache-control', 'no-store'],
      ['x-content-type-options', 'nosniff'],
      ...headers,
    ],
    body: message,
  };
}
