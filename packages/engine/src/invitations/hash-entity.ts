import { hmac } from '../security/keyring.ts';
import { hashIdentifier } from '../visitors/hash-identifier.ts';
import { normaliseIdentifier } from '../visitors/normalise-identifier.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { userType } from './entity.ts';
import type { Entity } from './entity.ts';

/**
 * What entities are compared by: 16 bytes under the workspace's key. A user's are those of the external id, so that
 * forgetting the person finds the rows, and what is left of them names nobody.
 */
export function hashEntity(workspace: Workspace, { type, id }: Entity): Buffer {
  if (type === userType) {
    const value = normaliseIdentifier({ kind: 'external_id', value: id }, workspace.settings);
    if (value !== undefined) return hashIdentifier(workspace, 'external_id', value);
  }
  return hmac(workspace.dataKey, `entity\0${type}\0${id}`).subarray(0, 16);
}

/** The hash of an address that an invitation is bound to; `undefined` for what is no address of anybody. */
export function hashEmail(workspace: Workspace, email: string): Buffer | undefined {
  const value = normaliseIdentifier({ kind: 'email', value: email }, workspace.settings);
  return value === undefined ? undefined : hashIdentifier(workspace, 'email', value);
}
