import type { DispatchPlanStore, PlannedDispatch } from '../connectors/dispatch-plan-store.ts';
import type { EnabledConnector } from '../connectors/enabled-connector.ts';
import type { Transaction } from '../store/connection.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { VisitStep } from './visit-step.ts';

export interface DispatchDependencies {
  readonly createId: () => string;
  readonly dispatches: DispatchPlanStore;
  /** The connectors that the workspace has switched on, as this process remembers them. */
  readonly connectorsOf: (workspace: Workspace) => readonly EnabledConnector[];
}

/**
 * Writes what connectors are to be told of, with the conversions themselves: where those are committed, so is that they
 * have to be sent. What a process does not know yet of the connectors, reconciliation finds.
 */
export function planDispatches(
  { createId, dispatches, connectorsOf }: DispatchDependencies,
  tx: Transaction,
  workspace: Workspace,
  visits: VisitStep,
  recordedAt: number,
): void {
  const connectors = connectorsOf(workspace);
  if (connectors.length === 0) return;
  const rows: PlannedDispatch[] = [];
  for (const { resolved } of visits.events) {
    const { event } = resolved.planned.recognised;
    const visitorId = resolved.stamped;
    if (visitorId === null) continue;
    for (const { type, eventTypes } of connectors) {
      if (eventTypes.has(event.type))
        rows.push({ id: createId(), connector: type, event, visitorId, recordedAt });
    }
  }
  if (rows.length > 0) dispatches.insertDispatches(tx, workspace.id, rows);
}
