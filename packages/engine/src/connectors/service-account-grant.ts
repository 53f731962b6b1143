/** OAuth 2.0's grant for service accounts: a token that the account's own key has signed (RFC 7523), as Google takes it. */
import { createPrivateKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { second } from '../kernel/clock.ts';
import type { OutgoingRequest } from './connector.ts';

export interface ServiceAccount {
  readonly email: string;
  readonly keyId: string | undefined;
  readonly key: KeyObject;
}

/** The key file of a service account, as Google gives it out; `undefined` where it is none. */
export function readServiceAccount(text: string): ServiceAccount | undefined {
  try {
    const file = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const { client_email: email, private_key_id: keyId, private_key: pem } = file;
    if (typeof email !== 'string' || typeof pem !== 'string') return undefined;
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'rsa') return undefined;
    return { email, keyId: typeof keyId === 'string' ? keyId : undefined, key };
  } catch {
    return undefined;
  }
}

/** Google gives tokens for an hour at most. */
const lifeSeconds = 3_600;

/** @param url where tokens are given; never the one that the key file names, which may be anybody's */
export function serviceAccountRequest(
  url: string,
  { email, keyId, key }: ServiceAccount,
  { scope, now }: { readonly scope: string; readonly now: Date },
): OutgoingRequest {
  const issuedAt = Math.floor(now.getTime() / second);
  const head = { alg: 'RS256', typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) };
  const claims = { iss: email, scope, aud: url, iat: issuedAt, exp: issuedAt + lifeSeconds };
  const signed = `${encoded(head)}.${encoded(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), key).toString('base64url');
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: `${signed}.${signature}`,
    }).toString(),
  };
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
