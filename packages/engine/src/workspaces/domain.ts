/** A host whose short links a workspace serves, or wants to. */
export interface Domain {
  /** Lower case, in its ASCII form, with a port where it is not the scheme's. */
  readonly host: string;
  readonly workspaceId: string;
  /** What the TXT record of {@link verificationName} has to hold. */
  readonly verificationToken: string;
  /** From then on the host is this workspace's and nobody else's. */
  readonly verifiedAt: Date | undefined;
  readonly createdAt: Date;
  /** Whether `Promo` and `promo` are two keys here. */
  readonly caseSensitive: boolean;
}

/** The TXT records of a name, each in its parts, as `node:dns/promises` gives them. */
export type ResolveTxt = (name: string) => Promise<readonly (readonly string[])[]>;

// RFC 1035 §2.3.4 and RFC 1123 §2.1: labels of 63, names of 253 characters.
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const hostPattern = new RegExp(`^${label}(?:\\.${label})*(?::[1-9][0-9]{0,4})?$`);

/** The host in the one form in which hosts are stored and compared, or `undefined` where it is none. */
export function normaliseHost(input: string): string | undefined {
  const text = input.trim().replace(/\.$/, '');
  if (text === '' || text.length > 260 || /[\s\p{Cc}/\\?#@%]/u.test(text)) return undefined;
  // The URL parser brings international names into their ASCII form (UTS 46).
  const parsed = URL.parse(`http://${text}`);
  if (parsed === null) return undefined;
  const host = parsed.host.replace(/\.(?=:|$)/, '').replace(/:443$/, '');
  return host.length <= 259 && hostPattern.test(host) ? host : undefined;
}

export function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}

/** Where the TXT record that proves a domain is looked for. */
export function verificationName(host: string): string {
  return `_headwater.${withoutPort(host)}`;
}

export function verificationRecord(token: string): string {
  return `headwater-verification=${token}`;
}
