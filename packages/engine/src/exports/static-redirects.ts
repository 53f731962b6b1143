import { prepareDestination } from '../capture/destination.ts';
import type { Link } from '../links/link.ts';

export const staticFormats = ['nginx', 'caddy', 'netlify'] as const;
export type StaticFormat = (typeof staticFormats)[number];

/** A link that leads everybody to one place. */
export interface StaticRedirect {
  readonly domain: string;
  /** Letters, digits, `-`, `_`, and `/` between segments: nothing that means something in any of the files. */
  readonly key: string;
  readonly caseSensitive: boolean;
  /** Printable ASCII, with the campaign of the link. */
  readonly location: string;
}

const plainKey = /^[\w-]+(?:\/[\w-]+)*$/;
const plainDomain = /^[a-z0-9.-]+$/;

/**
 * The redirect of a link as a file of another server can hold it. `undefined` where it cannot: the key is a pattern,
 * the host has a port, or the destination is for apps and the format knows web addresses only.
 */
export function toStaticRedirect(link: Link, format: StaticFormat): StaticRedirect | undefined {
  if (!plainKey.test(link.key) || !plainDomain.test(link.domain)) return undefined;
  const { plain } = prepareDestination(link.url, link);
  if (format === 'netlify' && !/^https?:\/\//i.test(plain)) return undefined;
  const { domain, key, caseSensitive } = link;
  return { domain, key, caseSensitive, location: escapeLocation(plain) };
}

/**
 * The address with everything percent-encoded that means something to one of the files: quotes, backslashes and
 * backticks end strings; `$`, braces and `<>` begin variables; `;`, `#`, white space and control characters end values
 * and lines. It is the same address (RFC 3986 §2.1 and §2.4: an encoded octet stands for its character), but for a `#`
 * that begins a fragment, which stays where the format allows it.
 */
function escapeLocation(location: string): string {
  const hash = location.indexOf('#');
  const fragment = hash === -1 ? '' : location.slice(hash + 1);
  const before = hash === -1 ? location : location.slice(0, hash);
  return encodeUnsafe(before) + (hash === -1 ? '' : `#${encodeUnsafe(fragment)}`);
}

// Everything but the characters that stand for themselves in all three.
const unsafe = /[^A-Za-z0-9\-._~:/?@!&'()*+,=%[\]]/gu;

function encodeUnsafe(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(unsafe, (character) =>
      Array.from(
        new TextEncoder().encode(character),
        (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
      ).join(''),
    )
    .replaceAll("'", '%27');
}

/** What stands before the redirects of a domain, in each line, and behind them. */
interface Dialect {
  readonly comment: (text: string) => string;
  readonly open: (domain: string) => string;
  readonly line: (redirect: StaticRedirect) => string;
  readonly close: () => string;
  /** Before the first domain and behind the last one. */
  readonly head: string;
  readonly tail: string;
}

export const dialects: Readonly<Record<StaticFormat, Dialect>> = {
  nginx: {
    comment: (text) => `# ${text}\n`,
    head:
      '# In the http block: include this file. In the server block of the domains:\n' +
      '#   if ($headwater_location) { return 302 $headwater_location; }\n' +
      'map_hash_bucket_size 512;\n' +
      'map $host$uri $headwater_location {\n  default "";\n',
    open: (domain) => `  # ${domain}\n`,
    // Texts in a map know no case, expressions do (https://nginx.org/en/docs/http/ngx_http_map_module.html#map).
    line: ({ domain, key, caseSensitive, location }) =>
      caseSensitive
        ? `  "~^${domain.replaceAll('.', String.raw`\.`)}/${key}$" "${location}";\n`
        : `  "${domain}/${key}" "${location}";\n`,
    close: () => '',
    tail: '}\n',
  },
  caddy: {
    comment: (text) => `# ${text}\n`,
    head: '',
    open: (domain) => `${domain} {\n\tmap {path} {headwater_location} {\n`,
    // Inputs of a map are compared byte by byte (https://caddyserver.com/docs/caddyfile/directives/map).
    line: ({ key, caseSensitive, location }) =>
      caseSensitive ? `\t\t"/${key}" "${location}"\n` : `\t\t"~(?i)^/${key}$" "${location}"\n`,
    close: () =>
      '\t\tdefault ""\n\t}\n\t@headwater not vars {headwater_location} ""\n' +
      '\tredir @headwater {headwater_location} 302\n\trespond 404\n}\n',
    tail: '',
  },
  netlify: {
    comment: (text) => `# ${text}\n`,
    head: '',
    open: (domain) => `# ${domain}\n`,
    // A colon behind the host would begin a placeholder (https://docs.netlify.com/manage/routing/redirects/overview/).
    line: ({ domain, key, location }) =>
      `https://${domain}/${key} ${withoutColons(location)} 302!\n`,
    close: () => '',
    tail: '',
  },
};

function withoutColons(location: string): string {
  const [, origin = '', rest = ''] = /^(https?:\/\/[^/?#]*)(.*)$/is.exec(location) ?? [];
  return origin + rest.replaceAll(':', '%3A');
}
