import { buildLocation } from '../capture/destination.ts';
import { normaliseHost } from '../workspaces/domain.ts';
import { isClickIdParameter } from '../sources/click-ids.ts';
import type { Clock } from '../kernel/clock.ts';
import type { RedirectLink } from '../links/redirect-link.ts';

/**
 * Answers for the links of a snapshot: the same redirects, with nobody counted and no cookies set. Where a link leads
 * by country it leads to its destination by device, since nobody knows where a visitor is.
 */
export function createSnapshotHandler(
  links: Iterable<RedirectLink>,
  clock: Clock,
): (request: Request) => Response {
  const byName = new Map<string, RedirectLink>();
  for (const link of links) byName.set(nameOf(link.domain, link.key, hasCase(link)), link);

  return function answerFromSnapshot(request) {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return text(405, 'Only GET and HEAD', { allow: 'GET, HEAD' });
    const url = new URL(request.url);
    const host = normaliseHost(request.headers.get('host') ?? url.host) ?? '';
    const key = url.pathname.slice(1);
    const link = byName.get(nameOf(host, key, true)) ?? byName.get(nameOf(host, key, false));
    if (link === undefined) return text(404, 'Link not found');
    if (link.expiresAt !== null && clock.now() >= link.expiresAt) return text(410, 'Link expired');
    const destination = destinationFor(link, request.headers.get('user-agent') ?? '');
    const query = url.search.slice(1);
    return new Response(null, {
      status: 302,
      headers: {
        location: buildLocation(destination, query, undefined, isClickIdParameter),
        'cache-control': 'private, no-store',
        'referrer-policy': 'strict-origin-when-cross-origin',
      },
    });
  };
}

function destinationFor(link: RedirectLink, userAgent: string): RedirectLink['destination'] {
  if (link.iosDestination !== undefined && /iPhone|iPad|iPod/.test(userAgent))
    return link.iosDestination;
  if (link.androidDestination !== undefined && userAgent.includes('Android'))
    return link.androidDestination;
  return link.destination;
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
