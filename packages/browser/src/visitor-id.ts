import { createVisitorToken } from './random.ts';

export interface VisitorId {
  current(): string;
  /** Makes a new one: the device belongs to somebody else from now on. */
  renew(): void;
}

const name = '_hw_anon';
const lifetimeSeconds = 400 * 86_400;

/**
 * On its own site the page keeps the id only for this page load, as the server sets the cookie that lasts. A server
 * on another site cannot: there the page keeps an id of its own.
 */
export function createVisitorId(endpoint: URL): VisitorId {
  const site = foreignTo(endpoint.hostname);
  let id: string;
  const take = (value: string): void => {
    id = value;
    if (site === undefined) return;
    writeCookie(`${name}=${id}`, site, lifetimeSeconds);
    try {
      localStorage.setItem(name, id);
    } catch {
      // Storage is switched off: the cookie alone has to do.
    }
  };
  take((site !== undefined && read()) || createVisitorToken());
  return { current: () => id, renew: () => take(createVisitorToken()) };
}

function read(): string | null | undefined {
  const cookie = /(?:^|; )_hw_anon=(\w{22})/.exec(document.cookie);
  if (cookie) return cookie[1];
  try {
    return localStorage.getItem(name);
  } catch {
    return undefined;
  }
}

/**
 * The site of the page, where the endpoint is not on it. Only the browser knows the public suffixes: the widest
 * domain that it takes a cookie for is the site.
 */
function foreignTo(endpointHost: string): string | undefined {
  const { hostname } = location;
  if (hostname === endpointHost) return undefined;
  const labels = hostname.split('.');
  const probe = '_hw_site=1';
  for (let from = labels.length - 2; from >= 0; from--) {
    const site = labels.slice(from).join('.');
    writeCookie(probe, site, 9);
    if (document.cookie.includes(probe)) {
      writeCookie(probe, site, 0);
      return `.${endpointHost}`.endsWith(`.${site}`) ? undefined : site;
    }
  }
  return hostname;
}

function writeCookie(pair: string, domain: string, seconds: number): void {
  const secure = location.protocol === 'https:' ? ';secure' : '';
  document.cookie = `${pair};domain=${domain};path=/;max-age=${seconds};samesite=lax${secure}`;
}
