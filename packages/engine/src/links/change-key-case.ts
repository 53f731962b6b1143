import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Tx } from '../store/database.ts';
import { findKeysThatDifferInCase, lockKeyCase, updateKeyCase } from './key-case-store.ts';

export type KeysDifferInCase = Refusal & { readonly code: 'keys_differ_in_case' };

/** Nobody puts a link on the host until this transaction ends: taken before the host's choice is looked at. */
export async function lockKeys(tx: Tx, workspaceId: string, host: string): Promise<void> {
  await lockKeyCase(tx, workspaceId, host);
}

/**
 * Brings the live links of a host in line with its choice, inside the transaction that makes the choice and holds
 * {@link lockKeys}. Nothing is changed where two of them would become one.
 */
export async function changeKeyCase(
  tx: Tx,
  workspaceId: string,
  host: string,
  caseSensitive: boolean,
): Promise<Result<undefined, KeysDifferInCase>> {
  const alike = caseSensitive ? [] : await findKeysThatDifferInCase(tx, workspaceId, host);
  if (alike.length > 0) {
    const message = `Links of ${host} differ in case alone: ${alike.slice(0, 5).join(', ')}`;
    return refuse('keys_differ_in_case', message, { caseSensitive: [message] });
  }
  await updateKeyCase(tx, workspaceId, host, caseSensitive);
  return ok(undefined);
}
