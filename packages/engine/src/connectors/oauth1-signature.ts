/** OAuth 1.0a signatures (RFC 5849) with HMAC-SHA1. */
import { createHmac } from 'node:crypto';

/** RFC 5849 §3.4: over the method, the address and the sorted fields. */
export function oauth1Signature(
  keys: { readonly consumerSecret: string; readonly tokenSecret: string },
  { method, url }: { readonly method: string; readonly url: string },
  fields: Readonly<Record<string, string>>,
): string {
  const normalised = Object.entries(fields)
    .map(([name, value]) => `${percentEncoded(name)}=${percentEncoded(value)}`)
    .toSorted()
    .join('&');
  const base = [method.toUpperCase(), url, normalised].map(percentEncoded).join('&');
  const key = `${percentEncoded(keys.consumerSecret)}&${percentEncoded(keys.tokenSecret)}`;
  return createHmac('sha1', key).update(base).digest('base64');
}

/** RFC 3986 §2.3: everything but unreserved characters. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
