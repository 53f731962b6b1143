import { prepareDestination } from '../capture/destination.ts';
import type { Destination, LinkCampaign } from '../capture/destination.ts';
import type { Link, LinkType } from './link.ts';

/** What a redirect needs of a link, prepared once: this is what processes remember. */
export interface RedirectLink extends LinkCampaign {
  readonly workspaceId: string;
  readonly id: string;
  readonly domain: string;
  readonly key: string;
  /** Absent in a snapshot of an earlier version. @default true */
  readonly caseSensitive?: boolean | undefined;
  readonly linkType: LinkType;
  readonly partnerId: string | null;
  readonly url: string;
  readonly iosUrl: string | null;
  readonly androidUrl: string | null;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | null;
  readonly destination: Destination;
  readonly iosDestination: Destination | undefined;
  readonly androidDestination: Destination | undefined;
}

/** The same without what follows from it: one line of the snapshot on disk. */
export type StoredRedirectLink = Omit<
  RedirectLink,
  'destination' | 'iosDestination' | 'androidDestination'
>;

export function toStoredRedirectLink(link: Link | RedirectLink): StoredRedirectLink {
  return {
    workspaceId: link.workspaceId,
    id: link.id,
    domain: link.domain,
    key: link.key,
    caseSensitive: link.caseSensitive,
    linkType: link.linkType,
    partnerId: link.partnerId,
    url: link.url,
    iosUrl: link.iosUrl,
    androidUrl: link.androidUrl,
    utmSource: link.utmSource,
    utmMedium: link.utmMedium,
    utmCampaign: link.utmCampaign,
    utmContent: link.utmContent,
    utmTerm: link.utmTerm,
    expiresAt: link.expiresAt instanceof Date ? link.expiresAt.getTime() : link.expiresAt,
  };
}

export function prepareRedirectLink(stored: StoredRedirectLink): RedirectLink {
  return {
    ...stored,
    destination: prepareDestination(stored.url, stored),
    iosDestination: stored.iosUrl === null ? undefined : prepareDestination(stored.iosUrl, stored),
    androidDestination:
      stored.androidUrl === null ? undefined : prepareDestination(stored.androidUrl, stored),
  };
}
