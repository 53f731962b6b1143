/** OAuth 1.0a signatures (RFC 5849) with HMAC-SHA1, for requests whose body is no form and so no part of them. */
import { createHash, createHmac } from 'node:crypto';

export interface OAuth1Keys {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly token: string;
  readonly tokenSecret: string;
}

/**
 * The `Authorization` header of one request.
 *
 * @param request.nonceSeed what makes this request another one than those of the same second: its body
 */
export function oauth1Header(
  keys: OAuth1Keys,
  request: {
    readonly method: string;
    /** Without a query. */
    readonly url: string;
    readonly nonceSeed: string;
    readonly now: Date;
  },
): string {
  const timestamp = `${Math.floor(request.now.getTime() / 1_000)}`;
  const nonce = createHash('sha256')
    .update(`${keys.tokenSecret}\0${request.now.getTime()}\0${request.nonceSeed}`)
    .digest('hex')
    .slice(0, 32);
  const fields: Readonly<Record<string, string>> = {
    oauth_consumer_key: keys.consumerKey,
    oauth_nonce: nonce,
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: timestamp,
    oauth_token: keys.token,
    oauth_version: '1.0',
  };
  const signed = { ...fields, oauth_signature: oauth1Signature(keys, request, fields) };
  const pairs = Object.entries(signed)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${percentEncoded(value)}"`);
  return `OAuth ${pairs.join(', ')}`;
}

/** RFC 5849 §3.4: over the method, the address and the sorted fields. */
export function oauth1Signature(
  keys: Pick<OAuth1Keys, 'consumerSecret' | 'tokenSecret'>,
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
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
