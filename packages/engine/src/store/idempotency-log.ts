import type { Db, Tx } from './database.ts';

/** A write of the API that was done under an idempotency key, and what it answered. */
export interface IdempotentRequest {
  readonly workspaceId: string;
  readonly keyHash: Uint8Array;
  /** Of the method, the path and the body. */
  readonly digest: Uint8Array;
}

export interface StoredAnswer {
  readonly digest: Uint8Array;
  readonly status: number;
  readonly body: unknown;
}

/**
 * Claims the key for this transaction; a second one waits here until the first has committed or gone.
 * `false` where the key was used before.
 */
export async function claimIdempotencyKey(
  tx: Tx,
  request: IdempotentRequest,
  at: Date,
): Promise<boolean> {
  const row = await tx
    .insertInto('idempotent_request')
    .values({
      workspace_id: request.workspaceId,
      key_hash: request.keyHash,
      digest: request.digest,
      status: 0,
      body: null,
      created_at: at,
    })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'key_hash']).doNothing())
    .returning('status')
    .executeTakeFirst();
  return row !== undefined;
}

export async function storeAnswer(
  tx: Tx,
  request: IdempotentRequest,
  answer: { readonly status: number; readonly body: unknown },
): Promise<void> {
  await tx
    .updateTable('idempotent_request')
    .set({ status: answer.status, body: JSON.stringify(answer.body ?? null) })
    .where('workspace_id', '=', request.workspaceId)
    .where('key_hash', '=', request.keyHash)
    .execute();
}

export async function findAnswer(
  db: Db,
  request: IdempotentRequest,
): Promise<StoredAnswer | undefined> {
  return db
    .selectFrom('idempotent_request')
    .select(['digest', 'status', 'body'])
    .where('workspace_id', '=', request.workspaceId)
    .where('key_hash', '=', request.keyHash)
    .executeTakeFirst();
}
