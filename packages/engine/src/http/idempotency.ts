import { createHash } from 'node:crypto';

import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { hmac } from '../security/keyring.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import {
  claimIdempotencyKey,
  findAnswer,
  releaseIdempotencyKey,
  storeAnswer,
} from '../store/idempotency-log.ts';
import type { IdempotentRequest, StoredAnswer } from '../store/idempotency-log.ts';
import { createWorkspaceDirectory } from '../workspaces/workspace-directory.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { Answer } from './route.ts';

export type IdempotencyConflict = Refusal & { readonly code: 'idempotency_conflict' };

export interface Write {
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
}

/** The header, if it is one: 1 to 255 printable ASCII characters. */
export function readIdempotencyKey(
  headers: Headers,
): Result<string | undefined, ValidationRefusal> {
  const key = headers.get('idempotency-key')?.trim();
  if (key === undefined) return ok(undefined);
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return ok(key);
  return refuseField('Idempotency-Key', 'must have 1 to 255 printable ASCII characters');
}

/**
 * Does a write once for its key. The answer is stored in the transaction of the effect, so there is never one without
 * the other; a refusal changes nothing and is not kept. A request that comes while the first one runs waits for it.
 */
export async function writeOnce<R extends Refusal>(
  context: Context,
  workspace: Workspace,
  write: Write,
  work: (context: Context, options: WriteOptions) => Promise<Result<Answer, R>>,
): Promise<Result<Answer, R | IdempotencyConflict>> {
  const request = toRequest(workspace, write);
  const afterCommit: Array<() => void> = [];
  try {
    const result = await context.database.db.transaction().execute(async (tx) => {
      if (!(await claimIdempotencyKey(tx, request, new Date(context.clock.now()))))
        return replay(await findAnswer(tx, request), request);
      const answered = await work(within(context, tx, afterCommit), { tx });
      if (!answered.ok) throw new RolledBack(answered);
      const { status, body, replayBody = body } = answered.value;
      await storeAnswer(tx, request, { status, body: replayBody });
      return answered;
    });
    for (const act of afterCommit) act();
    return result;
  } catch (error) {
    if (error instanceof RolledBack) return error.refusal as R;
    throw error;
  }
}

/**
 * The same for an effect that has a transaction of its own: the key is claimed before it, so that there is no effect
 * without its key. Where no answer is stored yet the work is done again; it is told since when it was asked for, and
 * has to take what was done since then as its own.
 */
export async function resumeOnce<R extends Refusal>(
  context: Context,
  workspace: Workspace,
  write: Write,
  work: (askedAt: Date) => Promise<Result<Answer, R>>,
): Promise<Result<Answer, R | IdempotencyConflict>> {
  const request = toRequest(workspace, write);
  const { db } = context.database;
  let askedAt = new Date(context.clock.now());
  if (!(await claimIdempotencyKey(db, request, askedAt))) {
    const stored = await findAnswer(db, request);
    if (stored !== undefined && (stored.status !== 0 || !isSame(stored, request)))
      return replay(stored, request);
    askedAt = stored?.createdAt ?? askedAt;
  }
  const answered = await work(askedAt);
  if (answered.ok) {
    const { status, body, replayBody = body } = answered.value;
    await storeAnswer(db, request, { status, body: replayBody });
  } else {
    await releaseIdempotencyKey(db, request);
  }
  return answered;
}

function toRequest(workspace: Workspace, write: Write): IdempotentRequest {
  return {
    workspaceId: workspace.id,
    keyHash: hmac(workspace.dataKey, `idempotency-key\0${write.key}`),
    digest: createHash('sha256')
      .update(`${write.method} ${write.path}\n`)
      .update(write.body)
      .digest(),
  };
}

function replay(
  stored: StoredAnswer | undefined,
  request: IdempotentRequest,
): Result<Answer, IdempotencyConflict> {
  if (stored === undefined || !isSame(stored, request)) {
    return refuse('idempotency_conflict', 'This Idempotency-Key was used for another request');
  }
  return ok({
    status: stored.status,
    body: stored.body ?? undefined,
    headers: { 'idempotent-replayed': 'true' },
  });
}

function isSame(stored: StoredAnswer, request: IdempotentRequest): boolean {
  return Buffer.from(stored.digest).equals(Buffer.from(request.digest));
}

/**
 * The context with its reads inside the transaction: the embedded database has one connection, and a query beside the
 * transaction would wait for it for ever. What the process remembers is forgotten when the commit is through.
 */
function within(context: Context, tx: Tx, afterCommit: Array<() => void>): Context {
  const database = { ...context.database, db: tx };
  return {
    ...context,
    database,
    workspaces: {
      ...createWorkspaceDirectory({ ...context, database }),
      forget: (id) => afterCommit.push(() => context.workspaces.forget(id)),
    },
    apiKeys: { ...context.apiKeys, forget: () => afterCommit.push(() => context.apiKeys.forget()) },
    changeLog: {
      ...context.changeLog,
      announce: (news) => afterCommit.push(() => context.changeLog.announce(news)),
    },
  };
}

/** Carries a refusal out of the transaction, which it rolls back. */
class RolledBack extends Error {
  override readonly name = 'RolledBack';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super('rolled back');
    this.refusal = refusal;
  }
}
