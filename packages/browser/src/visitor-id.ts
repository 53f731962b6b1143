import { createVisitorToken } from './random.ts';
import { local, readStored, store } from './stored.ts';

export interface VisitorId {
  current(): string;
  /** Goes on as whom this device knows, and keeps it, as soon as that is allowed. */
  keep(): void;
  /** Goes on with another one, which is made where none is given: the device belongs to somebody else from now on. */
  renew(value?: string): void;
  /** Nothing of it stays on the device, and what comes is somebody new. */
  drop(): void;
}

const name = '_hw_anon';
const lifetimeSeconds = 400 * 86_400;

/**
 * On its own site the page keeps the id only for this page load, as the server sets the cookie that lasts. A server
 * on another site cannot: there the page keeps an id of its own, once `mayKeep`.
 */
export function createVisitorId(endpoint: URL, mayKeep: () => boolean): VisitorId {
  let id = createVisitorToken();
  /** Finding it tries cookies, and so waits until they are allowed; '' where the server sets its own. */
  let site: string | undefined;
  const findSite = (): string => (mayKeep() ? (site ??= foreignTo(endpoint.hostname)) : '');

  function take(value: string): void {
    id = value;
    if (!findSite()) return;
    writeCookie(`${name}=${id}`, site!, lifetimeSeconds);
    store(local, name, id);
  }

  return {
    current: () => id,
    keep() {
      if (findSite()) take(read() ?? id);
    },
    renew: (value) => take(value ?? createVisitorToken()),
    drop() {
      id = createVisitorToken();
      if (read() === undefined) return;
      store(local, name);
      // A cookie of the site cannot be told from one of a host: it goes from all of them.
      const labels = location.hostname.split('.');
      for (const from of labels.keys()) writeCookie(`${name}=`, labels.slice(from).join('.'), 0);
    },
  };
}

function read(): string | undefined {
  return (
    /(?:^|; )_hw_anon=(\w{22})/.exec(document.cookie)?.[1] ?? readStored(local, name) ?? undefined
  );
}

/**
 * The site of the page, or '' where the endpoint is on it. Only the browser knows the public suffixes: the widest
 * domain that it takes a cookie for is the site.
 */
function foreignTo(endpointHost: string): string {
  const { hostname } = location;
  if (hostname === endpointHost) return '';
  const labels = hostname.split('.');
  const probe = '_hw_site=1';
  for (let from = labels.length - 2; from >= 0; from--) {
    const site = labels.slice(from).join('.');
    writeCookie(probe, site, 9);
    if (document.cookie.includes(probe)) {
      writeCookie(probe, site, 0);
      return `.${endpointHost}`.endsWith(`.${site}`) ? '' : site;
    }
  }
  return hostname;
}

function writeCookie(pair: string, domain: string, seconds: number): void {
  const secure = location.protocol === 'https:' ? ';secure' : '';
  document.cookie = `${pair};domain=${domain};path=/;max-age=${seconds};samesite=lax${secure}`;
}
