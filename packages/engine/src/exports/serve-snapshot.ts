import { buildLocation } from '../capture/destination.ts';
import { createDevices } from '../devices/devices.ts';
import { normaliseHost } from '../workspaces/domain.ts';
import { isClickIdParameter } from '../sources/click-ids.ts';
import type { Clock } from '../kernel/clock.ts';
import { decideRoute } from '../links/decide-route.ts';
import type { RouteDecision, RouteRequest } from '../links/decide-route.ts';
import { comparePatterns, matchPattern, readPattern } from '../links/link-pattern.ts';
import type { Captures, LinkPattern } from '../links/link-pattern.ts';
import type { RedirectLink } from '../links/redirect-link.ts';
import { toRouteFacts } from '../links/route-facts.ts';
import { destinationOf, passedQuery, plainSteering } from '../links/steering.ts';

interface FoundLink {
  readonly link: RedirectLink;
  readonly captures: Captures | undefined;
}

/**
 * Answers for the links of a snapshot: the same redirects, with nobody counted and no cookies set. Where a visitor is and
 * who they are is not known, so what a link does by country, address, visitor or clicks does not apply, and everybody is
 * shown the first of several variants.
 */
export function createSnapshotHandler(
  links: Iterable<RedirectLink>,
  clock: Clock,
): (request: Request) => Response {
  const byName = new Map<string, RedirectLink>();
  const patterns = new Map<string, LinkPattern[]>();
  const devices = createDevices();
  for (const link of links) {
    byName.set(nameOf(link.domain, link.key, hasCase(link)), link);
    const pattern = readPattern(link.key);
    if (pattern !== undefined)
      patterns.set(link.domain, [...(patterns.get(link.domain) ?? []), pattern]);
  }
  for (const ofDomain of patterns.values()) ofDomain.sort(comparePatterns);

  return function answerFromSnapshot(request) {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return text(405, 'Only GET and HEAD', { allow: 'GET, HEAD' });
    const url = new URL(request.url);
    const host = normaliseHost(request.headers.get('host') ?? url.host) ?? '';
    const found = find(host, url.pathname.slice(1));
    if (found === undefined) return text(404, 'Link not found');
    const { link, captures } = found;
    const query = url.search.slice(1);
    const decision = decide(found, request, query);
    if (decision === 'expired') return text(410, 'Link expired');
    const passed = link.steering === undefined ? query : passedQuery(query, link.steering);
    const destination = destinationOf(decision, captures, link.steering?.campaign);
    return new Response(null, {
      status: 302,
      headers: {
        location: buildLocation(destination, passed, undefined, isClickIdParameter),
        'cache-control': 'private, no-store',
        'referrer-policy': 'strict-origin-when-cross-origin',
      },
    });
  };

  function find(host: string, path: string): FoundLink | undefined {
    const link = byName.get(nameOf(host, path, true)) ?? byName.get(nameOf(host, path, false));
    if (link !== undefined && readPattern(link.key) === undefined)
      return { link, captures: undefined };
    for (const pattern of patterns.get(host) ?? []) {
      const candidate =
        byName.get(nameOf(host, pattern.key, true)) ?? byName.get(nameOf(host, pattern.key, false));
      const captures = candidate && matchPattern(pattern, path, hasCase(candidate));
      if (candidate !== undefined && captures !== undefined) return { link: candidate, captures };
    }
    return undefined;
  }

  function decide(
    { link, captures }: FoundLink,
    request: Request,
    query: string,
  ): Extract<RouteDecision, { outcome: 'destination' }>['target'] | 'expired' {
    const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
    const asked: RouteRequest = {
      ...toRouteFacts({
        header,
        query,
        place: undefined,
        device: devices.read(header),
        now: clock.now(),
        address: undefined,
        visitor: undefined,
      }),
      standing: undefined,
      clicks: undefined,
      captures,
      isUnlocked: false,
      used: {},
    };
    const decision = decideRoute(link, link.steering ?? plainSteering, asked);
    if (decision.outcome === 'password') return 'expired';
    return decision.target ?? 'expired';
  }
}

function hasCase(link: RedirectLink): boolean {
  return link.caseSensitive !== false;
}

function nameOf(domain: string, key: string, caseSensitive: boolean): string {
  return caseSensitive ? `${domain}/${key}` : `${domain} ${key.toLowerCase()}`;
}

function text(status: number, message: string, headers: Record<string, string> = {}): Response {
  return new Response(message, {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
  });
}
