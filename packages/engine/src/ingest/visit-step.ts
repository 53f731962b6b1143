import type { TouchRow } from '../attribution/touch-store.ts';
import type { Source } from '../sources/source.ts';
import {
  decideVisit,
  findPastVisit,
  isTouch,
  sessionTimeout,
  sourceKey,
} from '../sessions/visit.ts';
import type { SessionDelta, SessionStore } from '../sessions/session-store.ts';
import type { Transaction } from '../store/connection.ts';
import type { LockedVisitor } from '../visitors/visitor-store.ts';
import type { VisitorSession } from '../sessions/visit.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { ResolvedEvent } from './identity-step.ts';
import type { Recognition } from './recognise.ts';

/** An event with its visit and touch. */
export interface VisitedEvent {
  readonly resolved: ResolvedEvent;
  readonly sessionId: string | null;
  readonly touchId: string | null;
}

export interface VisitStep {
  readonly events: readonly VisitedEvent[];
  readonly sessions: readonly SessionDelta[];
  readonly touches: readonly TouchRow[];
  /** The visit that each device is on now, where the batch moved it. */
  readonly current: ReadonlyMap<string, VisitorSession>;
  /** How many visits each device began. */
  readonly opened: ReadonlyMap<string, number>;
}

interface EarlierVisit {
  readonly id: string;
  readonly visitorId: string;
  startedAt: number;
  lastEventAt: number;
  readonly touchId: string | null;
}

/** Finds the visit of each event, in the order of (time, id), and the arrivals among them that are touches. */
export async function assignVisits(
  dependencies: { readonly sessions: SessionStore; readonly createId: () => string },
  tx: Transaction,
  workspace: Workspace,
  events: readonly ResolvedEvent[],
  locked: ReadonlyMap<string, LockedVisitor>,
  recognition: Recognition,
  recordedAt: number,
): Promise<VisitStep> {
  const current = new Map<string, VisitorSession>();
  const deltas = new Map<string, SessionDelta>();
  const touches: TouchRow[] = [];
  const opened = new Map<string, number>();
  const handedOver = new Set<string>();
  const earlier = await findEarlierVisits();

  const visited: VisitedEvent[] = [];
  for (const resolved of events) visited.push(visit(resolved));
  return { events: visited, sessions: [...deltas.values()], touches, current, opened };

  function currentOf(deviceId: string): VisitorSession | undefined {
    const moved = current.get(deviceId);
    if (moved !== undefined) return moved;
    if (handedOver.has(deviceId)) return undefined;
    const row = locked.get(deviceId);
    if (row?.session_id == null || row.session_started_at === null || row.session_last_at === null)
      return undefined;
    return {
      id: row.session_id,
      startedAt: row.session_started_at,
      lastAt: row.session_last_at,
      touchId: row.session_touch_id,
      source: row.session_source,
    };
  }

  function visit(resolved: ResolvedEvent): VisitedEvent {
    const { planned, stamped, identity } = resolved;
    const { event } = planned.recognised;
    const device = planned.device?.visitorId;
    if (stamped === null || device === undefined)
      return { resolved, sessionId: null, touchId: null };
    if (identity.rotate === true) {
      handedOver.add(device);
      current.delete(device);
    }

    const source = sourceOf(resolved);
    // Visits are told apart by what the page itself shows, with or without its hw_click: a reload looks the same.
    const shown = event.arrival?.source;
    const shownKey = shown === undefined ? null : sourceKey(shown);
    const clickId = event.arrival?.clickId;
    const click = clickId === undefined ? undefined : recognition.clicks.get(clickId);
    let session = currentOf(device);
    if (
      click !== undefined &&
      session?.touchId !== click.id &&
      joinsVisitOf(resolved, click, device)
    ) {
      // A click and its landing are one visit, also where they are two devices to us: the link's host and the site.
      session = {
        id: click.session_id ?? dependencies.createId(),
        startedAt: click.occurred_at.getTime(),
        lastAt: click.occurred_at.getTime(),
        touchId: click.id,
        source: shownKey,
      };
    }
    const landsHere = click !== undefined && session?.touchId === click.id;
    const decision = decideVisit(session, event.occurredAt, landsHere ? undefined : shown);

    const past =
      decision.kind !== 'earlier' || landsHere
        ? undefined
        : findPastVisit(
            earlier.filter((row) => row.visitorId === device && row.id !== session?.id),
            event.occurredAt,
          );
    // A little before its first event: the visit that is going on began earlier than it seemed.
    const precedes =
      past === undefined &&
      session !== undefined &&
      event.occurredAt >= session.startedAt - sessionTimeout &&
      (landsHere || shownKey === null || shownKey === session.source);
    if (decision.kind === 'earlier' && !precedes) {
      const opens = past === undefined;
      const id = past?.id ?? dependencies.createId();
      const touchId = touch(resolved, id, source, opens, click) ?? past?.touchId ?? null;
      if (past === undefined) {
        earlier.push({
          id,
          visitorId: device,
          startedAt: event.occurredAt,
          lastEventAt: event.occurredAt,
          touchId,
        });
        opened.set(device, (opened.get(device) ?? 0) + 1);
      } else {
        past.startedAt = Math.min(past.startedAt, event.occurredAt);
        past.lastEventAt = Math.max(past.lastEventAt, event.occurredAt);
      }
      record(resolved, id, device, touchId);
      return { resolved, sessionId: id, touchId };
    }

    const opens = decision.kind === 'opens' || session === undefined;
    const id = opens ? dependencies.createId() : session!.id;
    const own = touch(resolved, id, source, opens, click);
    const touchId = own ?? (landsHere ? click.id : opens ? null : (session?.touchId ?? null));
    current.set(device, {
      id,
      startedAt: opens ? event.occurredAt : Math.min(session!.startedAt, event.occurredAt),
      lastAt: opens ? event.occurredAt : Math.max(session!.lastAt, event.occurredAt),
      touchId: own ?? (opens ? null : session!.touchId),
      source: opens || landsHere ? shownKey : session!.source,
    });
    if (opens) opened.set(device, (opened.get(device) ?? 0) + 1);
    record(resolved, id, device, touchId);
    return { resolved, sessionId: id, touchId };
  }

  /** The click's visit goes on here if this landing has joined both sides, or comes from the device of the click. */
  function joinsVisitOf(
    { planned, joinedClick }: ResolvedEvent,
    click: { visitor_id: string; occurred_at: Date },
    device: string,
  ): boolean {
    const age = Math.abs(planned.recognised.event.occurredAt - click.occurred_at.getTime());
    return age <= sessionTimeout && (joinedClick || click.visitor_id === device);
  }

  /** Writes the touch of an arrival, if it is one; returns its id. */
  function touch(
    resolved: ResolvedEvent,
    sessionId: string,
    source: Source | undefined,
    opens: boolean,
    click: { id: string; link_id: string | null } | undefined,
  ): string | undefined {
    const { event } = resolved.planned.recognised;
    if (source === undefined || resolved.stamped === null) return undefined;
    const isClick = event.type === 'link_click';
    // The landing of a click is part of that click's touch.
    if (!isClick && click !== undefined && !opens) return undefined;
    if (!isClick && !isTouch(source, opens)) return undefined;
    const id = isClick ? event.id : dependencies.createId();
    touches.push({
      id,
      visitorId: resolved.stamped,
      sessionId,
      eventId: event.id,
      kind: isClick ? 'click' : source.kind === 'internal' ? 'direct' : source.kind,
      occurredAt: event.occurredAt,
      recordedAt,
      linkId: event.linkId ?? click?.link_id ?? null,
      source,
      url: event.url ?? null,
      referrer: event.referrer ?? null,
      signals: event.arrival?.signals ?? null,
      consent: event.consent ?? null,
    });
    return id;
  }

  function record(
    resolved: ResolvedEvent,
    id: string,
    device: string,
    touchId: string | null,
  ): void {
    const { event } = resolved.planned.recognised;
    const isPage = event.type === 'pageview';
    const delta = deltas.get(id);
    if (delta === undefined) {
      deltas.set(id, {
        id,
        continues: locked.get(device)?.session_id === id,
        visitorId: device,
        startedAt: event.occurredAt,
        lastEventAt: event.occurredAt,
        touchId,
        events: 1,
        pageviews: isPage ? 1 : 0,
        entryUrl: isPage ? (event.url ?? null) : null,
        exitUrl: isPage ? (event.url ?? null) : null,
        userAgent: event.userAgent ?? null,
        ipPrefix: event.ipPrefix ?? null,
      });
      return;
    }
    delta.startedAt = Math.min(delta.startedAt, event.occurredAt);
    delta.lastEventAt = Math.max(delta.lastEventAt, event.occurredAt);
    delta.touchId ??= touchId;
    delta.events += 1;
    delta.userAgent ??= event.userAgent ?? null;
    delta.ipPrefix ??= event.ipPrefix ?? null;
    if (!isPage) return;
    delta.pageviews += 1;
    delta.entryUrl ??= event.url ?? null;
    delta.exitUrl = event.url ?? delta.exitUrl;
  }

  /** What the arrival counts as: a landing of one of our clicks takes the source of the click. */
  function sourceOf(resolved: ResolvedEvent): Source | undefined {
    const { arrival } = resolved.planned.recognised.event;
    if (arrival === undefined) return undefined;
    const click =
      arrival.clickId === undefined ? undefined : recognition.clicks.get(arrival.clickId);
    if (click === undefined) return arrival.source;
    return {
      ...arrival.source,
      kind: 'campaign',
      confidence: 'certain',
      rule: 'own_link',
      ...(click.source === null ? {} : { source: click.source }),
      ...(click.medium === null ? {} : { medium: click.medium }),
      ...(click.campaign === null ? {} : { campaign: click.campaign }),
      ...(click.content === null ? {} : { content: click.content }),
      ...(click.term === null ? {} : { term: click.term }),
      ...(click.click_id_type === null ? {} : { clickIdType: click.click_id_type }),
      ...(click.platform === null ? {} : { platform: click.platform }),
    };
  }

  async function findEarlierVisits(): Promise<EarlierVisit[]> {
    const wanted: Array<{ visitorId: string; at: number }> = [];
    for (const { planned } of events) {
      const row = planned.device === undefined ? undefined : locked.get(planned.device.visitorId);
      const { occurredAt } = planned.recognised.event;
      if (row?.session_started_at != null && occurredAt < row.session_started_at) {
        wanted.push({ visitorId: row.id, at: occurredAt });
      }
    }
    if (wanted.length === 0) return [];
    const rows = await dependencies.sessions.findSessionsAround(tx, workspace.id, wanted);
    return rows.map((row) => ({
      id: row.id,
      visitorId: row.visitor_id,
      startedAt: row.started_at.getTime(),
      lastEventAt: row.last_event_at.getTime(),
      touchId: row.touch_id,
    }));
  }
}
