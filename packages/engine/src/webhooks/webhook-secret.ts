import { randomBytes } from 'node:crypto';

import { Webhook } from 'standardwebhooks';

import { day } from '../kernel/clock.ts';
import type { Keyring } from '../security/keyring.ts';

/**
 * A signing secret in the form of the Standard Webhooks specification (symmetric, 24 to 64 random bytes).
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export interface SigningSecret {
  readonly value: string;
  /** When it stops signing, in milliseconds; the newest one has no end. */
  readonly endsAt?: number;
}

/**
 * For so long messages carry the signatures of both secrets, so that receivers can change theirs in their own time.
 * @public
 */
export const rotationOverlap = day;

const purpose = 'webhook-secrets';

export function generateSecret(): SigningSecret {
  return { value: `whsec_${randomBytes(32).toString('base64')}` };
}

/**
 * The secrets after a rotation: a new first one, and the one before it for {@link rotationOverlap} more. Older ones end at
 * once: two rotations are the way to get rid of a secret that somebody has seen.
 */
export function rotatedSecrets(secrets: readonly SigningSecret[], now: number): SigningSecret[] {
  return [
    generateSecret(),
    ...secrets.slice(0, 1).map(({ value }) => ({ value, endsAt: now + rotationOverlap })),
  ];
}

export function sealSecrets(keyring: Keyring, secrets: readonly SigningSecret[]): Buffer {
  return keyring.encrypt(purpose, Buffer.from(JSON.stringify(secrets)));
}

export function openSecrets(keyring: Keyring, sealed: Uint8Array): SigningSecret[] {
  return JSON.parse(keyring.decrypt(purpose, sealed).toString('utf8')) as SigningSecret[];
}

/** The headers of one attempt: the id stays the same in all of them, the time is the attempt's. */
export function signedHeaders(
  message: { readonly id: string; readonly body: string; readonly now: number },
  secrets: readonly SigningSecret[],
): Record<string, string> {
  const { id, body, now } = message;
  const at = new Date(now);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1_000)),
    'webhook-signature': validSecrets(secrets, now)
      .map(({ value }) => new Webhook(value).sign(id, at, body))
      .join(' '),
  };
}

function validSecrets(secrets: readonly SigningSecret[], now: number): SigningSecret[] {
  return secrets.filter(({ endsAt = Infinity }) => endsAt > now);
}
