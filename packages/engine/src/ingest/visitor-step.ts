import { seal } from '../security/keyring.ts';
import type { VisitorState, VisitorDelta } from '../visitors/visitor-store.ts';
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
  states: ReadonlyMap<string, VisitorState>,
): VisitorDelta[] {
  // No number is used twice, so nobody takes a row that was written meanwhile for the one that they remember.
  const revision = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
  type Draft = { -readonly [Key in keyof VisitorDelta]: VisitorDelta[Key] };
  const drafts = new Map<string, Draft>();
  const draftOf = (visitorId: string, at: number): Draft => {
    let draft = drafts.get(visitorId);
    if (draft === undefined) {
      draft = {
        id: visitorId,
        before: states.get(visitorId),
        revision,
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
    draft.status = higher(draft.status, status);
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
    const person = identity.rootOf(resolved.stamped);
    // A device or an address that stays with somebody else was not seen with them.
    const seenAt = (visitorId: string): number =>
      identity.rootOf(visitorId) === person ? at : (states.get(visitorId)?.first_seen_at ?? at);
    for (const node of resolved.planned.nodes) {
      // Every visitor that the event made needs its row, and the device its visit.
      if (node.isNew || node === resolved.planned.device)
        draftOf(node.visitorId, seenAt(node.visitorId));
      if (!node.kind.readable) continue;
      const named = draftOf(node.visitorId, seenAt(node.visitorId));
      raise(named, 'identified');
      named.identifiedAt = Math.min(named.identifiedAt ?? Infinity, at);
    }
    if (!isConversion(event)) continue;
    raise(
      draft,
      event.type === 'sale' ? 'customer' : event.type === 'lead' ? 'lead' : 'identified',
    );
    draft.convertedAt = Math.min(draft.convertedAt ?? Infinity, at);
    const root = draftOf(person, at);
    root.lastConversionAt = Math.max(root.lastConversionAt ?? -Infinity, at);
  }
  // The newest conversion of either side bounds where credit may still move.
  for (const { visitorId } of identity.mergeMembers) {
    const newest = states.get(visitorId)?.last_conversion_at ?? undefined;
    if (newest === undefined) continue;
    const root = identity.rootOf(visitorId);
    const draft = draftOf(root, states.get(root)?.first_seen_at ?? newest);
    draft.lastConversionAt = Math.max(draft.lastConversionAt ?? -Infinity, newest);
  }
  for (const [deviceId, session] of visits.current)
    (drafts.get(deviceId) ?? draftOf(deviceId, session.lastAt)).session = session;
  for (const [deviceId, sessions] of visits.opened) {
    const draft = drafts.get(deviceId);
    if (draft !== undefined) draft.sessions += sessions;
  }
  return [...drafts.values()];
}

/** The visitor's row once the batch has committed, as far as the next batch needs it. */
export function visitorAfter(delta: VisitorDelta): VisitorState {
  const { before, session } = delta;
  return {
    id: delta.id,
    root_id: before?.root_id ?? delta.rootId,
    version: before?.version ?? 0,
    revision: delta.revision,
    current_visitor_id: before?.current_visitor_id ?? null,
    first_seen_at: Math.min(before?.first_seen_at ?? Infinity, delta.firstSeenAt),
    session_id: session?.id ?? before?.session_id ?? null,
    session_started_at: session?.startedAt ?? before?.session_started_at ?? null,
    session_last_at: session?.lastAt ?? before?.session_last_at ?? null,
    session_touch_id: session === null ? (before?.session_touch_id ?? null) : session.touchId,
    session_source: session === null ? (before?.session_source ?? null) : session.source,
    session_events: session?.events ?? before?.session_events ?? 0,
    session_pageviews: session?.pageviews ?? before?.session_pageviews ?? 0,
    session_exit_url: session === null ? (before?.session_exit_url ?? null) : session.exitUrl,
    session_exit_at: session === null ? (before?.session_exit_at ?? null) : session.exitAt,
    session_engaged_ms: session?.engagedMilliseconds ?? before?.session_engaged_ms ?? 0,
    session_interactions: session?.interactions ?? before?.session_interactions ?? 0,
    session_conversions: session?.conversions ?? before?.session_conversions ?? 0,
    session_clicks: session?.clicks ?? before?.session_clicks ?? 0,
    session_joined: session?.joined ?? before?.session_joined ?? false,
    status: higher(before?.status ?? 'anonymous', delta.status),
    identified_at: earlier(before?.identified_at ?? null, delta.identifiedAt),
    last_conversion_at: later(before?.last_conversion_at ?? null, delta.lastConversionAt),
    erased_at: null,
  };
}

function higher(left: VisitorStatus, right: VisitorStatus): VisitorStatus {
  return visitorStatuses.indexOf(left) < visitorStatuses.indexOf(right) ? right : left;
}

function earlier(left: number | null, right: number | null): number | null {
  return left === null ? right : right === null ? left : Math.min(left, right);
}

function later(left: number | null, right: number | null): number | null {
  return left === null ? right : right === null ? left : Math.max(left, right);
}
