import type { VisitorState } from '../visitors/visitor-store.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { BatchPlan } from './batch-plan.ts';
import type { Recognition } from './recognise.ts';
import type { RecognitionMemory } from './recognition-memory.ts';

interface VerifyDependencies {
  readonly memory: RecognitionMemory;
}

/** What the batch had planned with does not hold any more (another process was faster): plan again. */
export class PlanOutdatedError extends Error {
  override readonly name = 'PlanOutdatedError';
}

/** Somebody else bound one of the identifiers first: the next attempt looks them up, also those called fresh. */
export function retryWithLookup(
  dependencies: VerifyDependencies,
  workspace: Workspace,
  plan: BatchPlan,
): never {
  for (const { named } of plan.allocated.values()) {
    dependencies.memory.forgetIdentifier(workspace.id, named.kind.kind, named.value);
  }
  throw new PlanOutdatedError();
}

/**
 * The rows under the lock have to be what the plan was made with; what the process remembered wrongly is forgotten.
 * @throws {PlanOutdatedError} they are not.
 */
export function verifyPlan(
  dependencies: VerifyDependencies,
  workspace: Workspace,
  plan: BatchPlan,
  recognition: Recognition,
  locked: ReadonlyMap<string, VisitorState>,
): void {
  let outdated = false;
  for (const id of plan.lockIds) {
    const row = locked.get(id);
    const hint = recognition.hints.get(id);
    const holds =
      row !== undefined &&
      row.erased_at === null &&
      (hint === undefined ||
        (row.root_id === hint.root && (row.current_visitor_id ?? row.id) === hint.current));
    if (holds) continue;
    outdated = true;
    dependencies.memory.forgetHint(id);
    if (row === undefined || row.erased_at !== null)
      forgetVisitor(dependencies, workspace, plan, id);
  }
  for (const root of plan.joinRoots) {
    const row = locked.get(root);
    const version = recognition.rootVersions.get(root);
    if (
      row !== undefined &&
      row.root_id === root &&
      (version === undefined || row.version === version)
    )
      continue;
    outdated = true;
    dependencies.memory.forgetHint(root);
  }
  if (outdated) throw new PlanOutdatedError();
}

function forgetVisitor(
  dependencies: VerifyDependencies,
  workspace: Workspace,
  plan: BatchPlan,
  visitorId: string,
): void {
  for (const { nodes } of plan.events) {
    for (const node of nodes) {
      if (node.visitorId !== visitorId || node.identifier === undefined) continue;
      dependencies.memory.forgetIdentifier(
        workspace.id,
        node.identifier.kind.kind,
        node.identifier.value,
      );
    }
  }
}
