import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { countedNetwork } from '../limits/rate-limit.ts';
import type { Network, RateLimitedRefusal } from '../limits/rate-limit.ts';
import { isHostAllowed } from '../workspaces/api-key.ts';
import { verifyApiKey } from '../workspaces/verify-api-key.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { addressPrefix } from './address-prefix.ts';
import { siteOf } from './daily-visitor.ts';
import type { IncomingRequest } from './exchange.ts';

/** Into which workspace a page may write, and how it may be answered. */
export interface BeaconAccess {
  readonly workspace: Workspace;
  /** The publishable key that the page has shown, by its id. */
  readonly keyId: string | undefined;
  /** What CORS has to allow; absent where the page's origin needs no permission or cannot be named. */
  readonly origin: string | undefined;
  /** Cookies of this host do not travel with such a request. */
  readonly crossSite: boolean;
}

export type BeaconAccessRefusal =
  | RateLimitedRefusal
  | (Refusal & {
      readonly code: 'unauthorized' | 'publishable_key_required' | 'host_not_allowed';
    });

/** Whose requests are counted together. */
export function networkOf(request: IncomingRequest): Network {
  return countedNetwork(addressPrefix(request.remoteAddress));
}

/** By the publishable key, or without one by the host, for pages of the same site. */
export async function resolveBeaconAccess(
  context: Context,
  request: IncomingRequest,
  key: string | undefined,
): Promise<Result<BeaconAccess, BeaconAccessRefusal>> {
  const page = readPage(request);
  const crossSite = isCrossSite(request, page);
  const access =
    key === undefined
      ? await byHost(context, request, crossSite)
      : await byKey(context, { key, network: networkOf(request), pageHost: page.host });
  if (!access.ok) return access;
  return ok({ ...access.value, origin: page.origin, crossSite });
}

type Granted = Result<Pick<BeaconAccess, 'workspace' | 'keyId'>, BeaconAccessRefusal>;

async function byHost(
  context: Context,
  request: IncomingRequest,
  crossSite: boolean,
): Promise<Granted> {
  if (crossSite)
    return refuse('unauthorized', 'A page of another site needs a publishable key (?key=hw_pk_…)');
  const { workspaces } = context;
  const workspace = workspaces.servedBy(request.host) ?? (await workspaces.forHost(request.host));
  if (workspace !== undefined) return ok({ workspace, keyId: undefined });
  const first = await workspaces.first();
  if (workspaces.ownHosts(first).has(request.host))
    return ok({ workspace: first, keyId: undefined });
  return refuse(
    'unauthorized',
    'This host belongs to no workspace: configure it, or send a publishable key (?key=hw_pk_…)',
  );
}

async function byKey(
  context: Context,
  {
    key,
    network,
    pageHost,
  }: {
    readonly key: string;
    readonly network: Network;
    readonly pageHost: string | undefined;
  },
): Promise<Granted> {
  const apiKey = await context.guardCredential({ network, credential: key }, () =>
    verifyApiKey(context, key),
  );
  if (!apiKey.ok) {
    return apiKey.code === 'rate_limited' ? apiKey : refuse('unauthorized', apiKey.message);
  }
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
  if (workspace === undefined) return refuse('unauthorized', 'Unauthorized');
  return ok({ workspace, keyId: apiKey.value.id });
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
