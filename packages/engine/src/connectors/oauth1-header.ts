/** OAuth 1.0a (RFC 5849) for requests whose body is no form, and so no part of the signature. */
import { createHash } from 'node:crypto';

import { oauth1Signature, percentEncoded } from './oauth1-signature.ts';

interface OAuth1Keys {
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
