import type { Db } from './database.ts';

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
  readonly createdAt: Date;
}

/**
 * Claims the key, with status 0 until its answer is stored. Inside a transaction a second claim waits here until the
 * first has committed or gone. `false` where the key was used before.
 */
export async function claimIdempotencyKey(
  db: Db,
  request: IdempotentRequest,
  at: Date,
): Promise<boolean> {
  const row = await db
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
  db: Db,
  request: IdempotentRequest,
  answer: { readonly status: number; readonly body: unknown },
): Promise<void> {
  await db
    .updateTable('idempotent_request')
    .set({ status: answer.status, body: JSON.stringify(answer.body ?? null) })
    .where('workspace_id', '=', request.workspaceId)
    .where('key_hash', '=', request.keyHash)
    .execute();
}

/** Frees a key that was claimed for what was then refused. */
export async function releaseIdempotencyKey(db: Db, request: IdempotentRequest): Promise<void> {
  await db
    .deleteFrom('idempotent_request')
    .where('workspace_id', '=', request.workspaceId)
    .where('key_hash', '=', request.keyHash)
    .where('status', '=', 0)
    .execute();
}

export async function findAnswer(
  db: Db,
  request: IdempotentRequest,
): Promise<StoredAnswer | undefined> {
  return db
    .selectFrom('idempotent_request')
    .select(['digest', 'status', 'body', 'created_at as createdAt'])
    .where('workspace_id', '=', request.workspaceId)
    .where('key_hash', '=', request.keyHash)
    .executeTakeFirst();
}
