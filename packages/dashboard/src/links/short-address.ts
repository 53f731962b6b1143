import type { LinkResponse } from '@headwater/client/api';

/** What people say and print: `go.shop.example/spring`. */
export function shortAddress(link: Pick<LinkResponse, 'short_url'>): string {
  return link.short_url.replace(/^https?:\/\//, '');
}
