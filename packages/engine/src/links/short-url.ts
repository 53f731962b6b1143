import type { Link } from './link.ts';

/** What people are given to follow a link. */
export function shortUrl(
  link: Pick<Link, 'domain' | 'key'>,
  scheme: 'http' | 'https' = 'https',
): string {
  return `${scheme}://${link.domain}/${link.key}`;
}
