import type { DomainPage, DomainPageName } from '../links/link-domain.ts';
import type { LinkDomains } from '../links/link-domains.ts';
import type { OutgoingResponse } from './exchange.ts';
import { wordsPage } from './link-page.ts';
import { expired, inactive, notFound } from './look-up-link.ts';

const usual = { missing: notFound, expired, inactive } as const;

/** What a host answers where a link leads nowhere: what its workspace has set for it, or a short text. */
export async function answerWithPage(
  domains: LinkDomains,
  name: DomainPageName,
  workspaceId: string | undefined,
  host: string,
): Promise<OutgoingResponse> {
  const page: DomainPage | undefined =
    workspaceId === undefined ? undefined : (await domains.of(workspaceId, host))[name];
  if (page === undefined) return usual[name];
  return 'url' in page ? elsewhere(page.url) : wordsPage(usual[name].status, page);
}

/** A redirect that is no click. */
export function elsewhere(location: string): OutgoingResponse {
  return {
    status: 302,
    headers: [
      ['location', location],
      ['cache-control', 'private, no-store'],
      ['referrer-policy', 'strict-origin-when-cross-origin'],
    ],
  };
}
