import { randomBytes, scrypt } from 'node:crypto';

import { equalInConstantTime } from './keyring.ts';

/** OWASP Password Storage Cheat Sheet: N = 2^15, r = 8, p = 3 is one of its equals, and takes 32 MiB. */
const usual = { cost: 15, blockSize: 8, parallelization: 3 } as const;
const hashBytes = 32;

interface Parameters {
  /** The logarithm of N. */
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
}

/** scrypt (RFC 7914), with its parameters and salt: `scrypt$15$8$3$<salt>$<hash>`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, usual);
  const { cost, blockSize, parallelization } = usual;
  return ['scrypt', cost, blockSize, parallelization, encode(salt), encode(hash)].join('$');
}

/** Whether it is the password of the hash. A hash that cannot be read is nobody's. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [, cost, blockSize, parallelization, salt = '', expected = ''] =
    /^scrypt\$(1[0-9]|20)\$(\d{1,2})\$(\d{1,2})\$([\w-]+)\$([\w-]{43})$/.exec(hash) ?? [];
  if (expected === '') return false;
  const given = await derive(password, Buffer.from(salt, 'base64url'), {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
  });
  return equalInConstantTime(given, Buffer.from(expected, 'base64url'));
}

function derive(
  password: string,
  salt: Uint8Array,
  { cost, blockSize, parallelization }: Parameters,
): Promise<Buffer> {
  const N = 2 ** cost;
  // Twice what the algorithm needs: node counts a little more than 128 · N · r.
  const maxmem = 256 * N * blockSize;
  return new Promise((resolve, reject) => {
    // One form for what looks the same, however a keyboard composes it.
    scrypt(
      password.normalize('NFKC'),
      salt,
      hashBytes,
      { N, r: blockSize, p: parallelization, maxmem },
      (error, key) => {
        if (error === null) resolve(key);
        else reject(error);
      },
    );
  });
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64url');
}
