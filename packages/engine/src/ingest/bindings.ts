import { seal } from '../security/keyring.ts';
import { hashIdentifier } from '../visitors/hash-identifier.ts';
import type { NewIdentity } from '../visitors/identity-store.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { BatchPlan } from './batch-plan.ts';

/** The identifiers that a batch names for the first time, with the visitors that they get. */
export function bindingsOf(workspace: Workspace, plan: BatchPlan): readonly NewIdentity[] {
  return [...plan.allocated.values()].map(({ visitorId, first, named }) => ({
    kind: named.kind.kind,
    valueHash: hashIdentifier(workspace, named.kind.kind, named.value),
    visitorId,
    value: named.kind.readable ? seal(workspace.dataKey, Buffer.from(named.value)) : null,
    eventId: first.event.id,
    firstSeenAt: first.event.occurredAt,
  }));
}
