import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';

import { createKeyring } from '../security/keyring.ts';
import {
  generateSecret,
  openSecrets,
  rotatedSecrets,
  rotationOverlap,
  sealSecrets,
  signedHeaders,
} from './webhook-secret.ts';

describe('the signature of a message', () => {
  it('is that of the known vector', () => {
    const headers = signedHeaders(
      {
        id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        body: '{"test": 2432232314}',
        now: 1_614_265_330_000,
      },
      [{ value: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }],
    );
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is made with both secrets for a day after a rotation', () => {
    const now = Date.now();
    const before = [generateSecret()];
    const after = rotatedSecrets(before, now);
    const message = { id: 'msg', body: '{}', now };
    const headers = signedHeaders(message, after);
    for (const { value } of [...before, ...after])
      expect(() => new Webhook(value).verify('{}', headers)).not.toThrow();
    const later = signedHeaders({ ...message, now: now + rotationOverlap }, after);
    expect(later['webhook-signature']?.split(' ')).toHaveLength(1);
  });

  it('is not made with a secret that was replaced twice', () => {
    const now = Date.now();
    const seen = generateSecret();
    const secrets = rotatedSecrets(rotatedSecrets([seen], now), now);
    expect(secrets).toHaveLength(2);
    expect(secrets.map(({ value }) => value)).not.toContain(seen.value);
  });

  it('has secrets of 32 random bytes, which are stored encrypted', () => {
    const keyring = createKeyring([{ id: 'a', value: 'x'.repeat(32) }]);
    const secret = generateSecret();
    expect(Buffer.from(secret.value.slice('whsec_'.length), 'base64')).toHaveLength(32);
    const sealed = sealSecrets(keyring, [secret]);
    expect(sealed.toString('latin1')).not.toContain(secret.value);
    expect(openSecrets(keyring, sealed)).toEqual([secret]);
  });
});
