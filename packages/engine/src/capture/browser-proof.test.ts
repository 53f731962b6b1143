import { createHmac, randomBytes } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { browserProofKey, checkBrowserProof, createBrowserProof } from './browser-proof.ts';

const workspace = { dataKey: randomBytes(32) };
const other = { dataKey: randomBytes(32) };

describe('createBrowserProof', () => {
  it('is the hex HMAC-SHA256 of the external id under the key of the proofs', () => {
    const byHand = createHmac('sha256', Buffer.from(browserProofKey(workspace), 'hex'))
      .update('cust_123')
      .digest('hex');
    expect(createBrowserProof(workspace, 'cust_123')).toBe(byHand);
  });

  it('ignores space around the id, which a beacon trims', () => {
    expect(createBrowserProof(workspace, ' cust_123 ')).toBe(
      createBrowserProof(workspace, 'cust_123'),
    );
  });

  it('has a key of its own, which is not the data key', () => {
    expect(browserProofKey(workspace)).not.toBe(workspace.dataKey.toString('hex'));
    expect(browserProofKey(workspace)).not.toBe(browserProofKey(other));
  });
});

describe('checkBrowserProof', () => {
  const check = (externalId?: string, proof?: string, email?: string) =>
    checkBrowserProof(workspace, { externalId, proof, email });

  it('proves the external id that it was made for', () => {
    expect(check('cust_123', createBrowserProof(workspace, 'cust_123'))).toBe('external_id');
    expect(check('cust_123', createBrowserProof(workspace, 'cust_123').toUpperCase())).toBe(
      'external_id',
    );
  });

  it('proves an email only where the proof was made for both', () => {
    expect(check('cust_123', createBrowserProof(workspace, 'cust_123'), 'victim@example.com')).toBe(
      'external_id',
    );
    const both = createBrowserProof(workspace, 'cust_123', 'Alice@Example.com');
    expect(check('cust_123', both, 'alice@example.com ')).toBe('external_id_and_email');
    expect(check('cust_123', both, 'victim@example.com')).toBe('none');
    expect(check('cust_123', both)).toBe('none');
  });

  it('proves nothing for another id, another workspace, or without id or proof', () => {
    expect(check('cust_124', createBrowserProof(workspace, 'cust_123'))).toBe('none');
    expect(check('cust_123', createBrowserProof(other, 'cust_123'))).toBe('none');
    expect(check('cust_123')).toBe('none');
    expect(check(undefined, createBrowserProof(workspace, ''))).toBe('none');
    for (const rubbish of ['', 'x', 'ab'.repeat(31), 'zz'.repeat(32), 'ä'.repeat(64)]) {
      expect(check('cust_123', rubbish)).toBe('none');
    }
  });

  it('does not take an id with a NUL for an id and an email', () => {
    const forged = createBrowserProof(workspace, 'cust_123\0alice@example.com');
    expect(check('cust_123', forged, 'alice@example.com')).toBe('none');
  });
});
