/** What the dashboard sends with every request: a page of another site cannot, without asking first. */
const requestHeader = 'x-headwater-request';

/**
 * Whether a request that brings a cookie comes from the server's own pages. A browser says where it comes from in
 * `Origin` or `Sec-Fetch-Site`; one that says neither is not believed.
 */
export function isFromOwnPage(request: Request, publicOrigin: string): boolean {
  const { headers } = request;
  if (headers.get(requestHeader) !== '1') return false;
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = headers.get('origin');
  if (origin === null) return site !== null;
  return origin === publicOrigin || origin === new URL(request.url).origin;
}

/** Methods that change nothing (RFC 9110 §9.2.1). */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}
