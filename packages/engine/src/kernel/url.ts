/** A longer query is read up to here: no browser or proxy passes on as much, and the work must stay bounded. */
const queryLengthMax = 131_072;
const parameterCountMax = 1_000;
const parameterLengthMax = 4_096;
/** RFC 1035 §2.3.4; the port is counted too, so that a host always fits where 255 characters do. */
const hostLengthMax = 253;
const authorityLengthMax = 1_024;

/**
 * Visits the parameters of a URL's query in their order, names decoded and values as they stand, so that only the
 * wanted ones are decoded (by {@link decodeParameter}). The URL may be a bare path; any string is taken without throwing.
 */
export function forEachParameter(
  url: string,
  visit: (name: string, rawValue: string) => void,
): void {
  const mark = url.indexOf('?');
  if (mark === -1) return;
  const fragment = url.indexOf('#');
  const queryEnd = Math.min(fragment === -1 ? url.length : fragment, mark + 1 + queryLengthMax);

  let start = mark + 1;
  for (let count = 0; start < queryEnd && count < parameterCountMax;) {
    const ampersand = url.indexOf('&', start);
    const end = ampersand === -1 || ampersand > queryEnd ? queryEnd : ampersand;
    if (end > start) {
      const pair = url.slice(start, end);
      const equals = pair.indexOf('=');
      const name = equals === -1 ? pair : pair.slice(0, equals);
      visit(decodeParameter(name), equals === -1 ? '' : pair.slice(equals + 1));
      count += 1;
    }
    start = end + 1;
  }
}

/**
 * The parameters of a URL's query in their order, decoded, repeated ones as often as they stand there.
 * @public
 */
export function parseQuery(url: string): Array<readonly [name: string, value: string]> {
  const parameters: Array<readonly [string, string]> = [];
  forEachParameter(url, (name, rawValue) => parameters.push([name, decodeParameter(rawValue)]));
  return parameters;
}

/**
 * Decodes a name or value of a query as a browser does (WHATWG URL §5.1): `+` is a space, broken percent encoding
 * stays as it is, and bytes that are no UTF-8 become U+FFFD. What is beyond 4,096 characters is cut.
 */
export function decodeParameter(raw: string): string {
  const text = raw.length > parameterLengthMax ? raw.slice(0, parameterLengthMax) : raw;
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return spaced.includes('%') ? spaced.replaceAll(/(?:%[\da-f]{2})+/gi, decodeEscapes) : spaced;
}

/** The normalised host of an absolute URL, with its port where that is not the scheme's; `undefined` for anything else. */
export function hostOf(url: string): string | undefined {
  const scheme = schemeOf(url);
  if (scheme === undefined) return undefined;
  const start = scheme.length + 3;
  const authority = url.slice(start, endOfAuthority(url, start));
  return normaliseHost(authority.slice(authority.lastIndexOf('@') + 1), scheme);
}

/** The scheme of a URL that has an authority (`https://…`), in lower case and without the colon. */
export function schemeOf(url: string): string | undefined {
  const colon = url.indexOf(':');
  if (
    colon < 1 ||
    colon > 32 ||
    url.charCodeAt(colon + 1) !== slash ||
    url.charCodeAt(colon + 2) !== slash
  ) {
    return undefined;
  }
  const scheme = url.slice(0, colon).toLowerCase();
  // RFC 3986 §3.1
  return /^[a-z][a-z0-9+.-]*$/.test(scheme) ? scheme : undefined;
}

/** The path of an absolute URL, as it stands, from its slash to the query or fragment; empty where there is none. */
export function pathOf(url: string): string {
  const scheme = schemeOf(url);
  if (scheme === undefined) return '';
  const start = endOfAuthority(url, scheme.length + 3);
  let end = start;
  while (end < url.length && url.charCodeAt(end) !== question && url.charCodeAt(end) !== hash)
    end += 1;
  return url.slice(start, end);
}

/**
 * A host as it is compared and stored: lower case, Unicode names in their ASCII form, no trailing dot, no default
 * port (80 and 443 both count as such when the scheme is not known), IPv6 compressed and in brackets.
 */
export function normaliseHost(host: string, scheme?: string): string | undefined {
  if (host.length > hostLengthMax) return undefined;
  let colon = host.lastIndexOf(':');
  if (colon < host.lastIndexOf(']')) colon = -1;
  const bareIpv6 =
    colon !== -1 && host.charCodeAt(0) !== openBracket && host.indexOf(':') !== colon;
  if (bareIpv6) return canonicalName(`[${host}]`);
  if (colon === -1) return canonicalName(host);

  const name = canonicalName(host.slice(0, colon));
  const portText = host.slice(colon + 1);
  if (name === undefined || !/^\d{0,5}$/.test(portText)) return undefined;
  const port = Number(portText);
  if (port > 65_535) return undefined;
  const isDefault =
    portText === '' || (port === 80 && scheme !== 'https') || (port === 443 && scheme !== 'http');
  const full = isDefault ? name : `${name}:${port}`;
  return full.length > hostLengthMax ? undefined : full;
}

/** A normalised host without its leading `www.`, which says nothing about who it is. */
export function withoutWww(host: string): string {
  return host.startsWith('www.') && host.includes('.', 4) ? host.slice(4) : host;
}

/** A normalised host without its port. */
export function withoutPort(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon === -1 || host.endsWith(']') ? host : host.slice(0, colon);
}

const slash = 0x2f;
const question = 0x3f;
const hash = 0x23;
const backslash = 0x5c;
const openBracket = 0x5b;
const dot = 0x2e;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** `decodeURIComponent` throws on bad UTF-8, and a query full of it would cost ten microseconds a parameter. */
function decodeEscapes(escapes: string): string {
  const bytes = new Uint8Array(escapes.length / 3);
  for (let position = 0; position < bytes.length; position += 1) {
    bytes[position] = Number.parseInt(escapes.slice(position * 3 + 1, position * 3 + 3), 16);
  }
  return utf8.decode(bytes);
}

function endOfAuthority(url: string, start: number): number {
  const endMax = Math.min(url.length, start + authorityLengthMax);
  let end = start;
  for (; end < endMax; end += 1) {
    const code = url.charCodeAt(end);
    // Browsers take a backslash for a slash (WHATWG URL §4.4), so a host must end there too.
    if (code === slash || code === question || code === hash || code === backslash) break;
  }
  return end;
}

function canonicalName(name: string): string | undefined {
  const bare = name.charCodeAt(name.length - 1) === dot ? name.slice(0, -1) : name;
  if (bare === '' || bare.charCodeAt(0) === dot || bare.includes('..')) return undefined;
  if (isPlainName(bare)) return bare.toLowerCase();
  // What the URL parser would drop (tabs, line breaks) or read as another part of a URL is no host.
  if (/[\s\p{Cc}/?#@\\]/u.test(bare)) return undefined;
  const parsed = URL.parse(`http://${bare}`)?.hostname ?? '';
  if (parsed.length > hostLengthMax) return undefined;
  if (parsed.startsWith('[')) return parsed;
  // The parser makes dots of other full stops (`。`), and lets through punctuation that no name has.
  return isPlainName(parsed) ? canonicalName(parsed) : undefined;
}

/** Letters, digits, hyphens and dots; underscores too, which names of Android apps and some DNS labels have. */
function isPlainName(name: string): boolean {
  return /^[a-z0-9._-]+$/i.test(name);
}
