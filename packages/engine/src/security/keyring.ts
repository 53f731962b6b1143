import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

import { ConfigurationError } from '../kernel/errors.ts';

/** One secret of the installation. Rotation adds a new first one and keeps the old ones for reading. */
export interface Secret {
  /** Short name, stored beside what the secret keyed: `[a-z0-9]{1,16}`. */
  readonly id: string;
  /** At least 32 characters of high entropy. */
  readonly value: string;
}

/**
 * Keys derived from the installation's secrets. Hashes are HMAC-SHA256; encryption is AES-256-GCM with a random
 * 96-bit nonce (NIST SP 800-38D §8.2.2). Every purpose has a key of its own, derived by HKDF (RFC 5869).
 */
export interface Keyring {
  readonly currentId: string;
  /** The hash under the current secret, for storing. */
  hash(purpose: string, value: string): Buffer;
  /** The hashes under every secret, the current one first, for looking up what an older secret hashed. */
  hashes(purpose: string, value: string): readonly Buffer[];
  /** `purpose` is authenticated but not stored: decryption needs the same one. */
  encrypt(purpose: string, plaintext: Uint8Array): Buffer;
  decrypt(purpose: string, ciphertext: Uint8Array): Buffer;
}

const minimumLength = 32;

export function createKeyring(secrets: readonly Secret[]): Keyring {
  const [current] = secrets;
  if (current === undefined)
    throw new ConfigurationError('At least one secret is required (`secret`, HEADWATER_SECRET).');
  const seen = new Set<string>();
  for (const secret of secrets) {
    if (!/^[a-z0-9]{1,16}$/.test(secret.id)) {
      throw new ConfigurationError('The id of a secret has 1 to 16 lower-case letters and digits.');
    }
    if (seen.has(secret.id))
      throw new ConfigurationError(`Two secrets have the id "${secret.id}".`);
    seen.add(secret.id);
    if (secret.value.length < minimumLength) {
      throw new ConfigurationError(
        `The secret "${secret.id}" is shorter than ${minimumLength} characters.`,
      );
    }
  }

  const derived = new Map<string, Buffer>();
  const keyFor = (secret: Secret, purpose: string): Buffer => {
    const name = `${secret.id}\0${purpose}`;
    let key = derived.get(name);
    if (key === undefined) {
      key = Buffer.from(hkdfSync('sha256', secret.value, 'headwater', purpose, 32));
      derived.set(name, key);
    }
    return key;
  };
  const byId = new Map(secrets.map((secret) => [secret.id, secret]));

  return {
    currentId: current.id,
    hash: (purpose, value) => hmac(keyFor(current, `hash:${purpose}`), value),
    hashes: (purpose, value) =>
      secrets.map((secret) => hmac(keyFor(secret, `hash:${purpose}`), value)),
    encrypt(purpose, plaintext) {
      const idBytes = Buffer.from(current.id, 'latin1');
      return Buffer.concat([
        Buffer.from([idBytes.length]),
        idBytes,
        seal(keyFor(current, `encrypt:${purpose}`), plaintext),
      ]);
    },
    decrypt(purpose, ciphertext) {
      const bytes = Buffer.from(ciphertext.buffer, ciphertext.byteOffset, ciphertext.byteLength);
      const idLength = bytes[0] ?? 0;
      const secret = byId.get(bytes.subarray(1, 1 + idLength).toString('latin1'));
      if (secret === undefined) {
        throw new ConfigurationError(
          'A stored value was encrypted with a secret that is not configured any more.',
        );
      }
      return open(keyFor(secret, `encrypt:${purpose}`), bytes.subarray(1 + idLength));
    },
  };
}

export function hmac(key: Uint8Array, value: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(value).digest();
}

/** AES-256-GCM: nonce (12 bytes), tag (16 bytes), ciphertext. */
export function seal(key: Uint8Array, plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

export function open(key: Uint8Array, sealed: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(12, 28));
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
}

export function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}

/** `bytes` random bytes as base64url without padding (16 bytes make 22 characters). */
export function randomToken(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
