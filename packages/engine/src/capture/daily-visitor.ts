import { getDomain } from 'tldts';

import type { Identifier } from '../ingest/event.ts';
import { hmac } from '../security/keyring.ts';

/**
 * Who somebody is to us for one day where nothing may be kept on their device: the site, the network and the browser,
 * hashed under the salt of the day. People behind one network with the same browser are one, so the kind is weak: it
 * joins nobody. Without the salt, which is deleted after its day, nobody can make the hash again.
 */
export function dailyVisitor(
  salt: Uint8Array,
  seen: {
    readonly host: string;
    readonly ipPrefix: string | undefined;
    readonly userAgent: string | undefined;
  },
): Identifier {
  const text = [siteOf(seen.host), seen.ipPrefix ?? '', seen.userAgent ?? ''].join('\0');
  return { kind: 'cookieless', value: hmac(salt, text).toString('base64url', 0, 16) };
}

/** The registrable domain; addresses and names like `localhost` are sites of their own. */
export function siteOf(host: string): string {
  const name = host.replace(/:\d+$/, '');
  return getDomain(name, { allowPrivateDomains: true }) ?? name;
}
