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
export function createVisitorId(page: Window & typeof globalThis, endpoint: URL): VisitorId {
  const site = siteOf(page, endpoint.hostname);
  const kept = site !== undefined;
  let id = (kept && read(page)) || createToken(page);
  const keep = (): void => {
    if (!kept) return;
    try {
      page.localStorage.setItem(name, id);
    } catch {
      // Storage is switched off: the cookie alone has to do.
    }
    writeCookie(page, `${name}=${id}`, site, lifetimeSeconds);
  };
  keep();
  return {
    current: () => id,
    renew() {
      id = createToken(page);
      keep();
    },
  };
}

function read(page: Window): string | undefined {
  let stored: string | null | undefined;
  try {
    stored = page.localStorage.getItem(name);
  } catch {
    // As above.
  }
  return /(?:^|; )_hw_anon=(\w{22})/.exec(page.document.cookie)?.[1] ?? stored ?? undefined;
}

/**
 * The site of the page, where the endpoint is not on it. Only the browser knows the public suffixes: the widest
 * domain that it takes a cookie for is the site.
 */
function siteOf(page: Window, endpointHost: string): string | undefined {
  const host = page.location.hostname;
  if (host === endpointHost) return undefined;
  const labels = host.split('.');
  const probe = '_hw_site=1';
  for (let from = labels.length - 1; from > 0; from--) {
    const site = labels.slice(from - 1).join('.');
    writeCookie(page, probe, site, 9);
    if (page.document.cookie.includes(probe)) {
      writeCookie(page, probe, site, 0);
      return `.${endpointHost}`.endsWith(`.${site}`) ? undefined : site;
    }
  }
  return host;
}

function writeCookie(page: Window, pair: string, domain: string, seconds: number): void {
  const secure = page.location.protocol === 'https:' ? ';secure' : '';
  page.document.cookie = `${pair};domain=${domain};path=/;max-age=${seconds};samesite=lax${secure}`;
}

/** The form of the server's own tokens, which this becomes where the server can set its cookie. */
function createToken(page: Window & typeof globalThis): string {
  const bytes = page.crypto.getRandomValues(new Uint8Array(22));
  return Array.from(bytes, (byte) => (byte % 36).toString(36)).join('');
}
