import type { IncomingRequest } from './exchange.ts';

/** The browser asks before anybody has followed the link (WICG nav-speculation; older: Safari and Firefox). */
export function isPrefetch(request: IncomingRequest): boolean {
  return (
    isPrefetchPurpose(request.header('sec-purpose')) ||
    isPrefetchPurpose(request.header('purpose')) ||
    isPrefetchPurpose(request.header('x-moz')) ||
    isPrefetchPurpose(request.header('x-purpose'))
  );
}

function isPrefetchPurpose(value: string | undefined): boolean {
  return value !== undefined && /prefetch|prerender|preview/i.test(value);
}

/** `qr=1`, exactly: what the QR codes of a link carry. */
export function isScan(query: string): boolean {
  return query !== '' && (query === 'qr=1' || query.split('&').includes('qr=1'));
}
