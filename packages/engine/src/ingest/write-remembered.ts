import { combineWrites } from '../store/combine-writes.ts';
import type { Write } from '../store/combine-writes.ts';
import { errorCode, isUnexpectedRows, uniqueViolation } from '../store/connection.ts';
import type { Transaction } from '../store/connection.ts';
import type { VisitorState } from '../visitors/visitor-store.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { BatchPlan } from './batch-plan.ts';
import { bindingsOf } from './bindings.ts';
import type { Claims } from './claims.ts';
import type { Recognition } from './recognise.ts';
import type { RecognitionMemory } from './recognition-memory.ts';
import { visitorAfter } from './visitor-step.ts';
import { writeBatch } from './write-batch.ts';
import type { WriteDependencies, WrittenBatch } from './write-batch.ts';

export interface RememberedDependencies extends WriteDependencies {
  readonly claims: Claims;
}

/**
 * Writes a batch as one statement, planned with the rows of visitors as this process remembers them: the statement
 * itself checks that every event is new, every identifier unbound and every visitor as it was remembered, and fails as
 * a whole where one is not. Most batches are like that: clicks and page views of new visitors and of known ones.
 *
 * `unsuitable`: the batch needs an answer of the database on its way (people to join, conversions, visitors that are
 * not remembered), so it takes a transaction with locks. `outdated`: nothing was written, and what was remembered wrongly
 * is forgotten.
 */
export async function writeRemembered(
  dependencies: RememberedDependencies,
  workspace: Workspace,
  plan: BatchPlan,
  recognition: Recognition,
  recordedAt: number,
): Promise<WrittenBatch | 'unsuitable' | 'outdated'> {
  const states = rememberedRows(plan, dependencies.memory);
  if (states === undefined) return 'unsuitable';
  const { writes, tx } = recordWrites();
  let written: WrittenBatch;
  try {
    const events = plan.events.map((planned) => planned.recognised.event);
    dependencies.claims.writeClaims(tx, workspace.id, events);
    const bindings = bindingsOf(workspace, plan);
    if (bindings.length > 0) dependencies.identities.writeIdentities(tx, workspace.id, bindings);
    written = await writeBatch(
      dependencies,
      tx,
      workspace,
      plan,
      plan.events,
      recognition,
      states,
      recordedAt,
    );
  } catch (error) {
    if (error instanceof AnswerNeededError) return 'unsuitable';
    throw error;
  }

  // The next batch is planned before this one has committed, and counts on it.
  const { memory } = dependencies;
  const basis = memory.writesBehind(states.values());
  for (const delta of written.visitors) memory.rememberRow(visitorAfter(delta));
  const finish = memory.beginWrite(written.visitors);
  let hasCommitted = false;
  try {
    // It would wait for the locks of those anyway, and is in vain where one of them fails.
    if ((await Promise.all(basis)).includes(false)) return 'outdated';
    const { statement, values } = combineWrites(writes);
    await dependencies.database.run(statement, values);
    hasCommitted = true;
    return written;
  } catch (error) {
    for (const { named } of plan.allocated.values())
      memory.forgetIdentifier(workspace.id, named.kind.kind, named.value);
    if (isUnexpectedRows(error) || errorCode(error) === uniqueViolation) return 'outdated';
    throw error;
  } finally {
    if (!hasCommitted) for (const delta of written.visitors) memory.forgetHint(delta.id);
    finish(hasCommitted);
  }
}

/** The rows that the plan needs; `undefined` unless each is remembered, and belongs to a person that it stands for. */
function rememberedRows(
  plan: BatchPlan,
  memory: RecognitionMemory,
): ReadonlyMap<string, VisitorState> | undefined {
  if (plan.joinRoots.length > 0) return undefined;
  const states = new Map<string, VisitorState>();
  for (const id of plan.lockIds) {
    const row = memory.rowOf(id);
    // What is known of a person is on the root's row, which a batch checks only where it writes it.
    if (row === undefined || row.root_id !== id || row.current_visitor_id !== null)
      return undefined;
    states.set(id, row);
  }
  return states;
}

/** Something in the batch cannot be decided without the database. */
class AnswerNeededError extends Error {
  override readonly name = 'AnswerNeededError';
}

/** A transaction that only collects writes. */
function recordWrites(): { readonly writes: Write[]; readonly tx: Transaction } {
  const writes: Write[] = [];
  return {
    writes,
    tx: {
      isAttempt: true,
      run() {
        throw new AnswerNeededError();
      },
      write(statement, values, rows) {
        writes.push({ statement, values, rows });
      },
    },
  };
}
