import { createHmac, hkdfSync } from 'node:crypto';

import { equalInConstantTime } from '../security/keyring.ts';
import type { Workspace } from '../workspaces/workspace.ts';

type Keyed = Pick<Workspace, 'dataKey'>;

/**
 * What a page shows to prove that the host's server knows who the visitor is: hex HMAC-SHA256 of the external id. With
 * an email the proof is for both together.
 *
 * @example
 * const proof = createBrowserProof(workspace, user.id);
 * // in the page: headwater.identify(userId, { proof })
 */
export function createBrowserProof(workspace: Keyed, externalId: string, email?: string): string {
  return createHmac('sha256', proofKey(workspace)).update(message(externalId, email)).digest('hex');
}

/** The key of the proofs, for hosts that make them without this library. As secret as an API key. */
export function browserProofKey(workspace: Keyed): string {
  return proofKey(workspace).toString('hex');
}

export type ProvenFields = 'none' | 'external_id' | 'external_id_and_email';

/** What a proof from a page proves. */
export function checkBrowserProof(
  workspace: Keyed,
  claim: {
    readonly externalId: string | undefined;
    readonly email: string | undefined;
    readonly proof: string | undefined;
  },
): ProvenFields {
  const { externalId, email, proof } = claim;
  if (externalId === undefined || proof === undefined || !/^[0-9a-f]{64}$/i.test(proof))
    return 'none';
  const given = Buffer.from(proof, 'hex');
  const matches = (expected: string): boolean =>
    equalInConstantTime(Buffer.from(expected, 'hex'), given);
  if (email !== undefined && matches(createBrowserProof(workspace, externalId, email)))
    return 'external_id_and_email';
  return matches(createBrowserProof(workspace, externalId)) ? 'external_id' : 'none';
}

/** NUL cannot occur inside an external id that a page sends: one id and an email never read as another id. */
function message(externalId: string, email: string | undefined): string {
  const id = externalId.replaceAll('\0', '').trim();
  return email === undefined ? id : `${id}\0${email.replaceAll('\0', '').trim().toLowerCase()}`;
}

const keys = new WeakMap<Buffer, Buffer>();

function proofKey(workspace: Keyed): Buffer {
  let key = keys.get(workspace.dataKey);
  if (key === undefined) {
    key = Buffer.from(hkdfSync('sha256', workspace.dataKey, 'headwater', 'browser-proof', 32));
    keys.set(workspace.dataKey, key);
  }
  return key;
}
