import { generateKeyPairSync, verify } from 'node:crypto';

import type { Judgement, StandIn } from './stand-in.ts';

const tokenUrl = 'https://oauth2.googleapis.com/token';
let made: ReturnType<typeof makeServiceAccount> | undefined;

/** A service account that Google knows, and its key file. */
export function googleServiceAccount() {
  return (made ??= makeServiceAccount());
}

function makeServiceAccount() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const email = 'ads@shop.iam.gserviceaccount.com';
  const file = JSON.stringify({
    type: 'service_account',
    private_key_id: 'key-1',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: email,
    token_uri: 'https://elsewhere.test/token',
  });
  return { email, publicKey, file };
}

/** Google's OAuth endpoint. */
export const googleOAuth: StandIn = {
  name: 'google_oauth',
  hosts: ['oauth2.googleapis.com'],
  judge({ path, method, rawBody, headers, now }): Judgement {
    const form = new URLSearchParams(rawBody);
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
    if (path !== '/token' || method !== 'POST' || isForm !== true)
      return { answer: { status: 404, body: { error: 'not_found' } } };
    if (form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer')
      return isGoodAssertion(form.get('assertion') ?? '', now)
        ? token
        : invalidGrant('Invalid JWT Signature.');
    if (form.get('client_id') !== 'CLIENT' || form.get('client_secret') !== 'CLIENT_SECRET')
      return { answer: { status: 401, body: { error: 'invalid_client' } } };
    if (form.get('refresh_token') !== 'REFRESH' || form.get('grant_type') !== 'refresh_token')
      return invalidGrant('Token has been revoked.');
    return token;
  },
};

const token: Judgement = {
  answer: {
    status: 200,
    body: { access_token: 'GOOGLE_TOKEN', expires_in: 3_599, token_type: 'Bearer' },
  },
};

function invalidGrant(description: string): Judgement {
  const body = { error: 'invalid_grant', error_description: description };
  return { answer: { status: 400, body } };
}

function isGoodAssertion(assertion: string, now: number): boolean {
  const [head = '', claims = '', signature = ''] = assertion.split('.');
  const { email, publicKey } = googleServiceAccount();
  const signed = Buffer.from(`${head}.${claims}`);
  if (!verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'))) return false;
  const read = (part: string) =>
    JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  const { alg, kid } = read(head);
  const { iss, aud, scope, iat, exp } = read(claims);
  return (
    alg === 'RS256' &&
    kid === 'key-1' &&
    iss === email &&
    aud === tokenUrl &&
    /^https:\/\/www\.googleapis\.com\/auth\/(?:datamanager|adwords)$/.test(String(scope)) &&
    Math.abs(Number(iat) - now / 1_000) < 300 &&
    Number(exp) - Number(iat) <= 3_600
  );
}
