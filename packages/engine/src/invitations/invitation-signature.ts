import { ConfigurationError } from '../kernel/errors.ts';
import { equalInConstantTime, hmac } from '../security/keyring.ts';
import type { Secret } from '../security/keyring.ts';

/** The id of a signing secret that was given without one. */
const onlyId = 'default';

/** The secrets that sign tokens: the first one signs, all verify. */
export function signingSecrets(given: string | readonly Secret[] | undefined): readonly Secret[] {
  const secrets = typeof given === 'string' ? [{ id: onlyId, value: given }] : (given ?? []);
  if (secrets.some(({ value }) => value === ''))
    throw new ConfigurationError('invitations.signingSecret must not be empty.');
  if (new Set(secrets.map(({ id }) => id)).size < secrets.length)
    throw new ConfigurationError('Two secrets of invitations.signingSecret have the same id.');
  return secrets;
}

/** HMAC-SHA256 over the UTF-8 bytes of the token, base64url without padding (RFC 4648 §5): 43 characters. */
export function signToken(secret: Pick<Secret, 'value'>, token: string): string {
  return hmac(Buffer.from(secret.value, 'utf8'), token).toString('base64url');
}

/**
 * The id of the secret that made the signature. The texts are compared, not what they decode to: four spellings decode
 * to the same 32 bytes, and a decoder may skip what it does not know.
 */
export function findSigner(
  secrets: readonly Secret[],
  token: string,
  signature: string,
): string | undefined {
  const given = Buffer.from(signature, 'utf8');
  let found: string | undefined;
  for (const secret of secrets) {
    if (equalInConstantTime(Buffer.from(signToken(secret, token), 'utf8'), given))
      found ??= secret.id;
  }
  return found;
}
