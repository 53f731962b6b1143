import { seal } from '../security/keyring.ts';
import type { LockedVisitor, VisitorDelta } from '../visitors/visitor-store.ts';
import type { VisitorStatus } from '../visitors/visitor.ts';
import { visitorStatuses } from '../visitors/visitor.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { isConversion } from './event.ts';
import type { IdentityStep } from './identity-step.ts';
import type { VisitStep } from './visit-step.ts';

/** What a batch adds to each visitor that it touches or makes. */
export function visitorDeltas(
  workspace: Workspace,
  identity: IdentityStep,
  visits: VisitStep,
  locked: ReadonlyMap<string, LockedVisitor>,
): VisitorDelta[] {
  type Draft = { -readonly [Key in keyof VisitorDelta]: VisitorDelta[Key] };
  const drafts = new Map<string, Draft>();
  const draftOf = (visitorId: string, at: number): Draft => {
    let draft = drafts.get(visitorId);
    if (draft === undefined) {
      draft = {
        id: visitorId,
        isNew: !locked.has(visitorId),
        rootId: identity.rootOf(visitorId),
        firstSeenAt: at,
        lastSeenAt: at,
        events: 0,
        pageviews: 0,
        sessions: 0,
        status: 'anonymous',
        identifiedAt: null,
        convertedAt: null,
        lastConversionAt: null,
        profile: null,
        session: null,
      };
      drafts.set(visitorId, draft);
    }
    draft.firstSeenAt = Math.min(draft.firstSeenAt, at);
    draft.lastSeenAt = Math.max(draft.lastSeenAt, at);
    return draft;
  };
  const raise = (draft: Draft, status: VisitorStatus): void => {
    if (visitorStatuses.indexOf(status) > visitorStatuses.indexOf(draft.status))
      draft.status = status;
  };

  for (const { resolved } of visits.events) {
    const { event } = resolved.planned.recognised;
    if (resolved.stamped === null) continue;
    const at = event.occurredAt;
    const draft = draftOf(resolved.stamped, at);
    draft.events += 1;
    if (event.type === 'pageview') draft.pageviews += 1;
    if (event.profile !== undefined)
      draft.profile = seal(workspace.dataKey, Buffer.from(JSON.stringify(event.profile)));
    for (const node of resolved.planned.nodes) {
      // Every visitor that the event made needs its row, and the device its visit.
      if (node.isNew || node === resolved.planned.device) draftOf(node.visitorId, at);
      if (!node.kind.readable) continue;
      const named = draftOf(node.visitorId, at);
      raise(named, 'identified');
      named.identifiedAt = Math.min(named.identifiedAt ?? Infinity, at);
    }
    if (!isConversion(event)) continue;
    raise(
      draft,
      event.type === 'sale' ? 'customer' : event.type === 'lead' ? 'lead' : 'identified',
    );
    draft.convertedAt = Math.min(draft.convertedAt ?? Infinity, at);
    const root = draftOf(identity.rootOf(resolved.stamped), at);
    root.lastConversionAt = Math.max(root.lastConversionAt ?? -Infinity, at);
  }
  // The newest conversion of either side bounds where credit may still move.
  for (const { visitorId } of identity.mergeMembers) {
    const newest = locked.get(visitorId)?.last_conversion_at ?? undefined;
    if (newest === undefined) continue;
    const root = identity.rootOf(visitorId);
    const draft = draftOf(root, locked.get(root)?.first_seen_at ?? newest);
    draft.lastConversionAt = Math.max(draft.lastConversionAt ?? -Infinity, newest);
  }
  for (const [deviceId, session] of visits.current)
    draftOf(deviceId, session.lastAt).session = session;
  for (const [deviceId, sessions] of visits.opened) {
    const draft = drafts.get(deviceId);
    if (draft !== undefined) draft.sessions += sessions;
  }
  return [...drafts.values()];
}
