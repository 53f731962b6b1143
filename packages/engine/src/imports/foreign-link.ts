import { refuse } from '../kernel/result.ts';
import type { LinkInput } from '../links/create-link.ts';
import { emptyLink } from '../links/link.ts';
import type { SavedLink } from '../links/save-links.ts';
import { normaliseHost } from '../workspaces/domain.ts';
import type { ForeignLink, LinkSource } from './link-format.ts';

/** One short address of a foreign link, and what is decided about it without asking the database. */
export interface ForeignAddress {
  readonly domain: string | undefined;
  readonly key: string | undefined;
  decided?:
    | Extract<SavedLink, { readonly outcome: 'refused' }>
    | { readonly outcome: 'skipped'; readonly why: string }
    | undefined;
}

/** Hosts of the products themselves: nobody else can serve links there. */
const sharedHosts = new Set([
  'bit.ly',
  'bitly.is',
  'j.mp',
  'amzn.to',
  'dub.sh',
  'dub.link',
  'dub.co',
  'kutt.it',
  'kutt.to',
  'rebrand.ly',
  'short.gy',
  'short.io',
  's.id',
]);

/** The short addresses of a link, each a link here: back-halves of one's own lead to the same place as the first one. */
export function addressesOf(
  from: LinkSource,
  link: ForeignLink,
  domain: string | undefined,
): ForeignAddress[] {
  const own = readAddress(link.shortUrl);
  const first = {
    domain: domain ?? normaliseHost(link.domain ?? '') ?? own.domain,
    key: link.key ?? own.key,
  };
  const others = (link.otherShortUrls ?? []).map(readAddress).map((other) => ({
    domain: domain ?? other.domain,
    key: other.key,
  }));
  const known = new Set<string>();
  return [first, ...others]
    .filter(({ domain: host, key }) => {
      const name = `${host}/${key}`;
      return !known.has(name) && known.add(name);
    })
    .map((address) => ({ ...address, decided: decide(from, link, address) }));
}

/** `go.example/launch`, with or without its scheme. */
function readAddress(text: string | undefined): ForeignAddress {
  const [, host = '', key = ''] = /^(?:https?:\/\/)?([^/?#]+)\/([^?#]+)/i.exec(text ?? '') ?? [];
  return { domain: normaliseHost(host), key: key === '' ? undefined : key.replace(/\/$/, '') };
}

function decide(
  from: LinkSource,
  link: ForeignLink,
  { domain, key }: Pick<ForeignAddress, 'domain' | 'key'>,
): ForeignAddress['decided'] {
  if (link.skip !== undefined) return { outcome: 'skipped', why: `is ${link.skip} there` };
  if (link.hasPassword === true)
    return refused('password', 'is not imported: without it the link would be open to everybody');
  if (link.fields.url === undefined) return refused('url', 'is required');
  // Anything but a link of one's own making has an address that somebody has seen.
  if (key === undefined && from !== 'csv') return refused('key', 'is required');
  if (domain !== undefined && sharedHosts.has(domain))
    return refused(
      'domain',
      `${domain} belongs to somebody else: say with \`domain\` where the links go`,
    );
  return undefined;
}

function refused(field: string, rule: string): ForeignAddress['decided'] {
  const refusal = refuse('invalid_link', `${field} ${rule}.`, { [field]: [rule] });
  return { outcome: 'refused', refusal };
}

/** What was counted elsewhere stands in the metadata: counters here count what happened here. */
export function toLinkInput(
  from: LinkSource,
  link: ForeignLink,
  { domain, key }: ForeignAddress,
): LinkInput {
  const metadata = {
    ...link.fields.metadata,
    ...(from !== 'csv' && { imported_from: from }),
    ...(from !== 'csv' && link.clicks !== undefined && { imported_clicks: link.clicks }),
    ...(from !== 'csv' && link.createdAt !== undefined && { imported_created_at: link.createdAt }),
  };
  const routing = routingOf(link);
  return {
    ...link.fields,
    url: link.fields.url ?? '',
    ...(domain !== undefined && { domain }),
    ...(key !== undefined && { key }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...('routing' in emptyLink && routing !== undefined && { routing }),
    // What comes from elsewhere has its campaign already.
    utmTemplateId: null,
  };
}

/** From when, how often, and where to afterwards, in the form of the routing of links. */
function routingOf({ startAt, clicksMax, expiredUrl }: ForeignLink): object | undefined {
  const parts = {
    ...(startAt !== undefined && { start: { at: startAt } }),
    ...(clicksMax !== undefined && { limits: { clicks: { max: clicksMax } } }),
    ...(expiredUrl !== undefined && { expiry: { url: expiredUrl } }),
  };
  return Object.keys(parts).length === 0 ? undefined : { version: 1, ...parts };
}
