import { prepareDestination } from '../capture/destination.ts';
import type { Destination, LinkCampaign } from '../capture/destination.ts';
import type { LinkRouting } from './link-routing.ts';
import type { Link, LinkType } from './link.ts';
import { isUsableDestination } from './link-url.ts';
import { prepareSteering } from './steering.ts';
import type { Steering } from './steering.ts';

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
  /** The partner of the link may not earn now: it leads nowhere. @default false */
  readonly isPaused?: boolean | undefined;
  readonly url: string;
  readonly iosUrl: string | null;
  readonly androidUrl: string | null;
  readonly geoTargeting: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | null;
  /** These are absent in a snapshot of an earlier version. */
  readonly routing?: LinkRouting | null | undefined;
  readonly ogTitle?: string | null | undefined;
  readonly ogDescription?: string | null | undefined;
  readonly ogImage?: string | null | undefined;
  /** Empty where there is a password whose hash is only in the database: in a snapshot. */
  readonly passwordHash?: string | null | undefined;
  /** What a plain link has none of. */
  readonly steering: Steering | undefined;
  readonly destination: Destination;
  readonly iosDestination: Destination | undefined;
  readonly androidDestination: Destination | undefined;
  /** By country; `undefined` for the most links, which need not know where anybody is. */
  readonly geoDestinations: ReadonlyMap<string, Destination> | undefined;
}

/** The same without what follows from it: one line of the snapshot on disk. */
export type StoredRedirectLink = Omit<
  RedirectLink,
  'destination' | 'iosDestination' | 'androidDestination' | 'geoDestinations' | 'steering'
>;

/** @param more is on no link: whoever may compare a password brings it, and whether a partner is active is theirs */
export function toStoredRedirectLink(
  link: Link | RedirectLink,
  more: { readonly passwordHash?: string | null; readonly isPaused?: boolean } = {},
): StoredRedirectLink {
  const isProtected = 'isProtected' in link ? link.isProtected : link.passwordHash != null;
  const { passwordHash, isPaused = 'isPaused' in link && link.isPaused === true } = more;
  return {
    workspaceId: link.workspaceId,
    id: link.id,
    domain: link.domain,
    key: link.key,
    caseSensitive: link.caseSensitive,
    linkType: link.linkType,
    partnerId: link.partnerId,
    ...(isPaused && { isPaused: true }),
    url: leadsTo(link),
    iosUrl: link.iosUrl,
    androidUrl: link.androidUrl,
    geoTargeting: link.geoTargeting,
    utmSource: link.utmSource,
    utmMedium: link.utmMedium,
    utmCampaign: link.utmCampaign,
    utmContent: link.utmContent,
    utmTerm: link.utmTerm,
    expiresAt: link.expiresAt instanceof Date ? link.expiresAt.getTime() : link.expiresAt,
    ...(link.routing != null && { routing: link.routing }),
    ...(link.ogTitle != null && { ogTitle: link.ogTitle }),
    ...(link.ogDescription != null && { ogDescription: link.ogDescription }),
    ...(link.ogImage != null && { ogImage: link.ogImage }),
    ...(isProtected && { passwordHash: passwordHash ?? '' }),
  };
}

/** While its destination is down, a link leads to its fallback. */
function leadsTo(link: Link | RedirectLink): string {
  return 'isDown' in link && link.isDown ? (link.fallbackUrl ?? link.url) : link.url;
}

export function prepareRedirectLink(stored: StoredRedirectLink): RedirectLink {
  return {
    ...stored,
    steering: prepareSteering(stored),
    destination: prepareDestination(stored.url, stored),
    iosDestination: prepareOther(stored.iosUrl, stored),
    androidDestination: prepareOther(stored.androidUrl, stored),
    geoDestinations: prepareGeoDestinations(stored),
  };
}

function prepareGeoDestinations(
  stored: StoredRedirectLink,
): ReadonlyMap<string, Destination> | undefined {
  // Links of a snapshot that an earlier version wrote have none.
  const targets = Object.entries(
    (stored.geoTargeting as typeof stored.geoTargeting | undefined) ?? {},
  );
  if (targets.length === 0) return undefined;
  return new Map(
    targets.flatMap(([country, url]) => {
      const destination = prepareOther(url, stored);
      return destination === undefined ? [] : [[country, destination] as const];
    }),
  );
}

/** Beside its `url`; where this one leads nowhere, the link leads there. */
function prepareOther(url: unknown, stored: StoredRedirectLink): Destination | undefined {
  return isUsableDestination(url) ? prepareDestination(url, stored) : undefined;
}
