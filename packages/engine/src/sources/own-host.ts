import { withoutPort } from '../kernel/url.ts';
import { registrableDomain } from './registrable-domain.ts';

/**
 * Whether a host is the site itself: exactly one of its hosts, or under the same registrable domain as one of them.
 * All hosts are normalised.
 */
export function isOwnHost(
  host: string,
  ownHosts: ReadonlySet<string>,
  landingHost: string | undefined,
): boolean {
  if (host === landingHost || ownHosts.has(host)) return true;
  if (landingHost === undefined && ownHosts.size === 0) return false;
  const domain = registrableDomain(withoutPort(host));
  if (domain === undefined) return false;
  if (landingHost !== undefined && isWithin(withoutPort(landingHost), domain)) return true;
  for (const ownHost of ownHosts) {
    if (isWithin(withoutPort(ownHost), domain)) return true;
  }
  return false;
}

function isWithin(name: string, domain: string): boolean {
  return name.endsWith(domain) && (name.length === domain.length || name.endsWith(`.${domain}`));
}
