import { createSign, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface IdentityProvider extends AsyncDisposable {
  readonly issuer: string;
  /** Whom the next token is about, and which nonce it was asked for with. */
  about: { readonly sub: string; readonly email: string; readonly nonce: string };
  /** What it was asked for tokens with, last. */
  readonly asked: { form: URLSearchParams };
}

export const client = { id: 'headwater', secret: 'the-secret-of-the-client' };

/** As much of an OpenID Connect provider as a sign-in needs: discovery, keys and tokens. */
export async function startIdentityProvider(): Promise<IdentityProvider> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url');
  let issuer = '';
  const provider = {
    about: { sub: '', email: '', nonce: '' },
    asked: { form: new URLSearchParams() },
  };

  function idToken(): string {
    const now = Math.floor(Date.now() / 1000);
    const { sub, email, nonce } = provider.about;
    const claims = { iss: issuer, aud: client.id, sub, email, nonce, name: 'Of the provider' };
    const body = `${encode({ alg: 'RS256', kid: 'one' })}.${encode({ ...claims, email_verified: true, iat: now, exp: now + 60 })}`;
    return `${body}.${createSign('RSA-SHA256').update(body).sign(privateKey, 'base64url')}`;
  }

  const server = createServer((request, response) => {
    const send = (value: unknown): void => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    };
    if (request.url === '/.well-known/openid-configuration') {
      send({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        id_token_signing_alg_values_supported: ['RS256'],
      });
    } else if (request.url === '/keys') {
      send({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256' }] });
    } else {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        provider.asked.form = new URLSearchParams(Buffer.concat(chunks).toString());
        send({
          access_token: 'opaque-access-token',
          token_type: 'Bearer',
          expires_in: 60,
          id_token: idToken(),
        });
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(provider, {
    issuer,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
