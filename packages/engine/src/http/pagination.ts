/**
 * Where a list goes on: `X-Next-Cursor`, and the address of the next page as RFC 8288 writes it; neither on the last
 * page. The body stays the bare array that clients of GoodAnalytics expect.
 */
export function pageHeaders(url: string, nextCursor: string | undefined): Record<string, string> {
  if (nextCursor === undefined) return {};
  const next = new URL(url);
  next.searchParams.delete('offset');
  next.searchParams.set('cursor', nextCursor);
  return { 'x-next-cursor': nextCursor, link: `<${next.pathname}${next.search}>; rel="next"` };
}
