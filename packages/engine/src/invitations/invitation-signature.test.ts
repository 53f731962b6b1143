import { describe, expect, it } from 'vitest';

import { findSigner, signingSecrets, signToken } from './invitation-signature.ts';

const secrets = signingSecrets('test-secret');

/** HMAC-SHA256 with the secret `test-secret`; the first is the one of Usher's documents. */
const vectors = [
  ['abc123', 'Z7aPPn0OT3ARmifwmGJkMRec74H1AV-RwtpUqN8Ev2c'],
  ['super-secret-invitation', '5rlNQWmMo9BiTnPtY_9y5f2rN-vM33FxGpsOHCRxr9I'],
  ['friendly-code-2025', 'ob486ThMoiQPq2NtNaS3X1iHNmCZzzKvSCRrST33TPY'],
  ['user_defined_token_123', 'PvhQ6kNkX02E6-ciT2izrJcRePMvbq559w1RiQRCyIg'],
  ['abc', '5MTa3WVx-Bp7AZ0hbbHvOHewyI-qvFamb4iX7jKFdZM'],
  ['einladung-für-alle-🎉', '5miY3gf_pEC4Fxa3SpGFdoaq7X2e6ZGZApXXZVA2orQ'],
  ['caf\u00e9', 'FMO96mQqwtLrPoByU66P9b_DNgvs8aSJohow-M0gxSc'],
  ['cafe\u0301', '-DrcOOwdNWoHr7Pb5rCZ6HwcWck2HTYDv5B-7x1nEyc'],
] as const;

describe('the signature of a token', () => {
  it.each(vectors)('of %s is the published one', (token, signature) => {
    expect(signToken(secrets[0]!, token)).toBe(signature);
    expect(findSigner(secrets, token, signature)).toBe('default');
  });

  it('is not taken for another token, nor without a part of it', () => {
    const [, signature] = vectors[4];
    expect(findSigner(secrets, 'not-the-original-token', signature)).toBeUndefined();
    for (const wrong of ['', 'invalid-signature', signature.slice(1), signature.slice(0, -1)])
      expect(findSigner(secrets, 'abc', wrong)).toBeUndefined();
  });

  it('is compared as text: other spellings of the same bytes are none', () => {
    const [, signature] = vectors[4];
    const bytes = Buffer.from(signature, 'base64url');
    const spellings = [`${signature}=`, `${signature}!!`, ` ${signature}`];
    for (const last of ['N', 'O', 'P']) spellings.push(signature.slice(0, -1) + last);
    for (const spelling of spellings) {
      expect(Buffer.from(spelling, 'base64url')).toEqual(bytes);
      expect(findSigner(secrets, 'abc', spelling)).toBeUndefined();
    }
  });

  it('is verified by every secret, and made by the first', () => {
    const rotated = signingSecrets([
      { id: 'new', value: 'another-secret' },
      { id: 'old', value: 'test-secret' },
    ]);
    expect(findSigner(rotated, 'abc123', vectors[0][1])).toBe('old');
    expect(findSigner(rotated, 'abc123', signToken(rotated[0]!, 'abc123'))).toBe('new');
  });

  it('needs secrets that say something', () => {
    expect(() => signingSecrets('')).toThrow('must not be empty');
    expect(() =>
      signingSecrets([
        { id: 'a', value: '1' },
        { id: 'a', value: '2' },
      ]),
    ).toThrow('the same id');
    expect(signingSecrets(undefined)).toEqual([]);
  });
});
