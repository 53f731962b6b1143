import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { isHostAllowed } from '../workspaces/api-key.ts';
import { verifyApiKey } from '../workspaces/verify-api-key.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { siteOf } from './daily-visitor.ts';
import type { IncomingRequest } from './exchange.ts';

/** Into which workspace a page may write, and how it may be answered. */
export interface BeaconAccess {
  readonly workspace: Workspace;
  /** What CORS has to allow; absent where the page's origin needs no permission or cannot be named. */
  readonly origin: string | undefined;
  /** Cookies of this host do not travel with such a request. */
  readonly crossSite: boolean;
}

export type BeaconAccessRefusal = Refusal & {
  readonly code: 'unauthorized' | 'publishable_key_required' | 'host_not_allowed';
};

/** By the publishable key, or without one by the host, for pages of the same site. */
export async function resolveBeaconAccess(
  context: Context,
  request: IncomingRequest,
  key: string | undefined,
): Promise<Result<BeaconAccess, BeaconAccessRefusal>> {
  const page = readPage(request);
  const crossSite = isCrossSite(request, page);
  const workspace =
    key === undefined
      ? await byHost(context, request, crossSite)
      : await byKey(context, key, page.host);
  if (!workspace.ok) return workspace;
  return ok({ workspace: workspace.value, origin: page.origin, crossSite });
}

async function byHost(
  context: Context,
  request: IncomingRequest,
  crossSite: boolean,
): Promise<Result<Workspace, BeaconAccessRefusal>> {
  if (crossSite)
    return refuse('unauthorized', 'A page of another site needs a publishable key (?key=hw_pk_…)');
  const workspace = await context.workspaces.forHost(request.host);
  if (workspace !== undefined) return ok(workspace);
  const first = await context.workspaces.first();
  if (context.workspaces.ownHosts(first).has(request.host)) return ok(first);
  return refuse(
    'unauthorized',
    'This host belongs to no workspace: configure it, or send a publishable key (?key=hw_pk_…)',
  );
}

async function byKey(
  context: Context,
  key: string,
  pageHost: string | undefined,
): Promise<Result<Workspace, BeaconAccessRefusal>> {
  const apiKey = await verifyApiKey(context, key);
  if (!apiKey.ok) return refuse('unauthorized', apiKey.message);
  if (apiKey.value.kind !== 'publishable') {
    return refuse(
      'publishable_key_required',
      'A secret key does not belong into a page; use a publishable one',
    );
  }
  if (
    apiKey.value.allowedHosts.length > 0 &&
    (pageHost === undefined || !isHostAllowed(apiKey.value, pageHost))
  ) {
    return refuse('host_not_allowed', 'The publishable key is not for pages of this host');
  }
  const workspace = await context.workspaces.get(apiKey.value.workspaceId);
  return workspace === undefined ? refuse('unauthorized', 'Unauthorized') : ok(workspace);
}

interface Page {
  readonly origin: string | undefined;
  readonly host: string | undefined;
  /** The browser keeps the origin to itself: a sandboxed frame, a local file, a policy. */
  readonly isOpaque: boolean;
}

function readPage(request: IncomingRequest): Page {
  const origin = request.header('origin');
  if (origin === undefined)
    return { origin: undefined, host: hostOf(request.header('referer')), isOpaque: false };
  const host = hostOf(origin);
  return { origin: host === undefined ? undefined : origin, host, isOpaque: host === undefined };
}

function hostOf(url: string | undefined): string | undefined {
  const parsed = url === undefined ? null : URL.parse(url);
  return parsed?.host ? parsed.host : undefined;
}

/**
 * Browsers say so (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header), and send an `Origin` with every POST
 * to another origin; a client that sends neither is no page.
 */
function isCrossSite(request: IncomingRequest, page: Page): boolean {
  const said = request.header('sec-fetch-site');
  if (said === 'same-origin' || said === 'same-site') return false;
  if (said === 'cross-site' || page.isOpaque) return true;
  return page.host !== undefined && siteOf(page.host) !== siteOf(request.host);
}
