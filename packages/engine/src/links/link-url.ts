const lengthMax = 8_192;

/** Schemes that run code or read files: no option makes them destinations. */
const dangerousSchemes = new Set([
  'javascript',
  'data',
  'vbscript',
  'file',
  'blob',
  'about',
  'filesystem',
  'view-source',
]);

/** For people: what {@link isAppScheme} asks for. */
export const appSchemeRule =
  'must be the scheme of an app, for example "myapp"; http and https need no permission, and what runs code or reads files gets none';

/** RFC 3986 §3.1, without the colon. */
export function isAppScheme(scheme: unknown): scheme is string {
  if (typeof scheme !== 'string' || !/^[a-z][a-z0-9+.-]{0,62}$/i.test(scheme)) return false;
  const name = scheme.toLowerCase();
  return name !== 'http' && name !== 'https' && !dangerousSchemes.has(name);
}

export interface DestinationRules {
  /** Schemes of apps that may be opened: `myapp` for `myapp://pricing`. */
  readonly appSchemes: readonly string[];
  /** The host of the link: only one that is itself local may point at the visitor's own machine. */
  readonly domain: string;
}

/** What is wrong with the destination of a link, if anything. */
export function destinationProblem(url: unknown, rules: DestinationRules): string | undefined {
  if (typeof url !== 'string') return 'must be a string';
  if (url === '') return 'is required';
  if (url.length > lengthMax) return `must have at most ${lengthMax} characters`;
  // WHATWG URL §4.4 drops tabs and line breaks silently; in a Location header they would end it.
  if (hasControlCharacter(url) || !url.isWellFormed()) return 'must not contain control characters';
  if (url.trim() !== url) return 'must not begin or end with a space';
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return 'must be an http or https URL';
  if (scheme === 'http' || scheme === 'https') return webUrlProblem(url, rules.domain);
  if (
    dangerousSchemes.has(scheme) ||
    !rules.appSchemes.some((allowed) => allowed.toLowerCase() === scheme)
  ) {
    return `must be an http or https URL; the scheme "${scheme}" is not allowed`;
  }
  return undefined;
}

/**
 * Whether what a row holds can be redirected to: rows may be older than these rules, or written by somebody else. Schemes
 * of apps are believed, as they may have been allowed when the row was written.
 */
export function isUsableDestination(url: unknown): url is string {
  if (typeof url !== 'string') return false;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1];
  return (
    scheme !== undefined &&
    destinationProblem(url, { appSchemes: [scheme], domain: 'localhost' }) === undefined
  );
}

function webUrlProblem(url: string, domain: string): string | undefined {
  // `http:/host` and `http:host` would be mended by a browser: only what says its host plainly is accepted.
  const authority = /^https?:\/\/([^/?#]*)/i.exec(url)?.[1];
  const parsed = URL.parse(url);
  if (authority === undefined || authority === '' || parsed === null)
    return 'must be an http or https URL with a host';
  if (authority.includes('@')) return 'must not contain a user name or password';
  if (/[\s\\]/.test(authority)) return 'must be an http or https URL with a host';
  if (isLoopback(parsed.hostname) && !isLocalName(domain)) {
    return "must not point at the visitor's own machine";
  }
  return undefined;
}

/** Whether the text holds C0 controls or DEL, which no URL and no header may. */
export function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

/** RFC 6761 §6.3, RFC 1122 §3.2.1.3, RFC 4291 §2.5.3. `hostname` as the URL parser writes it. */
function isLoopback(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '');
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    /^127(?:\.\d+){3}$/.test(name) ||
    name === '0.0.0.0' ||
    name === '[::1]' ||
    name === '[::]' ||
    name.startsWith('[::ffff:7f')
  );
}

function isLocalName(domain: string): boolean {
  const name = domain.replace(/:\d+$/, '');
  return isLoopback(name) || name.endsWith('.test') || name.endsWith('.local');
}
