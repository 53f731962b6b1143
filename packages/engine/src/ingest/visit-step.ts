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
import type { VisitorState } from '../visitors/visitor-store.ts';
import type { VisitorSession } from '../sessions/visit.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { IncomingEvent } from './event.ts';
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
  states: ReadonlyMap<string, VisitorState>,
  recognition: Recognition,
  recordedAt: number,
): Promise<VisitStep> {
  const current = new Map<string, VisitorSession>();
  const rows = new Map<string, SessionDelta>();
  const touches: TouchRow[] = [];
  const opened = new Map<string, number>();
  const handedOver = new Set<string>();
  const earlier = await findEarlierVisits();

  const visited: VisitedEvent[] = [];
  for (const resolved of events) visited.push(visit(resolved));
  return { events: visited, sessions: [...rows.values()], touches, current, opened };

  /** The visit that the device's row holds, whether or not it still goes on. */
  function heldBy(deviceId: string): VisitorSession | undefined {
    const moved = current.get(deviceId);
    if (moved !== undefined) return moved;
    const row = states.get(deviceId);
    if (row?.session_id == null || row.session_started_at === null || row.session_last_at === null)
      return undefined;
    return {
      id: row.session_id,
      startedAt: row.session_started_at,
      lastAt: row.session_last_at,
      touchId: row.session_touch_id,
      source: row.session_source,
      events: row.session_events,
      pageviews: row.session_pageviews,
      exitUrl: row.session_exit_url,
    };
  }

  function visit(resolved: ResolvedEvent): VisitedEvent {
    const { planned, stamped, identity } = resolved;
    const { event } = planned.recognised;
    const device = planned.device?.visitorId;
    if (stamped === null || device === undefined)
      return { resolved, sessionId: null, touchId: null };
    if (identity.rotate === true) handedOver.add(device);

    const source = sourceOf(resolved);
    // Visits are told apart by what the page itself shows, with or without its hw_click: a reload looks the same.
    const shown = event.arrival?.source;
    const shownKey = shown === undefined ? null : sourceKey(shown);
    const clickId = event.arrival?.clickId;
    const click = clickId === undefined ? undefined : recognition.clicks.get(clickId);
    const held = heldBy(device);
    let session = handedOver.has(device) ? undefined : held;
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
        events: 0,
        pageviews: 0,
        exitUrl: null,
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
      addToRow(event, rowOf(event, id, device, touchId));
      return { resolved, sessionId: id, touchId };
    }

    const opens = decision.kind === 'opens' || session === undefined;
    const id = opens ? dependencies.createId() : session!.id;
    const own = touch(resolved, id, source, opens, click);
    const touchId = own ?? (landsHere ? click.id : opens ? null : (session?.touchId ?? null));
    const next = goOn(opens ? undefined : session, event, id, {
      touchId: own ?? (opens ? null : session!.touchId),
      source: opens || landsHere ? shownKey : session!.source,
    });
    current.set(device, next);
    handedOver.delete(device);
    if (held !== undefined && held.id !== id) leave(held, device);
    if (opens) opened.set(device, (opened.get(device) ?? 0) + 1);
    // The rest of what goes on stays with the device until it goes on to another visit.
    const firstPage = next.pageviews === 1 && event.type === 'pageview';
    if (
      opens ||
      firstPage ||
      next.touchId !== session!.touchId ||
      next.startedAt < session!.startedAt
    )
      rowOf(event, id, device, touchId);
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
      kind: isClick ? 'click' : kindOfTouch(event, source),
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

  /** What the batch adds to the row of a visit; made by the first event that has something to say there. */
  function rowOf(
    event: IncomingEvent,
    id: string,
    device: string,
    touchId: string | null,
  ): SessionDelta {
    const page = event.type === 'pageview' ? (event.url ?? null) : null;
    let row = rows.get(id);
    if (row === undefined) {
      row = {
        id,
        visitorId: device,
        startedAt: event.occurredAt,
        lastEventAt: event.occurredAt,
        touchId,
        events: 0,
        pageviews: 0,
        entryUrl: page,
        exitUrl: page,
        userAgent: event.userAgent ?? null,
        ipPrefix: event.ipPrefix ?? null,
        device: event.device ?? null,
        place: event.place ?? null,
      };
      rows.set(id, row);
      return row;
    }
    row.startedAt = Math.min(row.startedAt, event.occurredAt);
    row.lastEventAt = Math.max(row.lastEventAt, event.occurredAt);
    row.touchId ??= touchId;
    row.entryUrl ??= page;
    row.exitUrl = page ?? row.exitUrl;
    row.userAgent ??= event.userAgent ?? null;
    row.ipPrefix ??= event.ipPrefix ?? null;
    row.device ??= event.device ?? null;
    row.place ??= event.place ?? null;
    return row;
  }

  /** The device goes on to another visit: what it did in this one belongs to its row now. */
  function leave(held: VisitorSession, device: string): void {
    if (held.events === 0) return;
    const row = rows.get(held.id) ?? {
      id: held.id,
      visitorId: device,
      startedAt: held.startedAt,
      lastEventAt: held.lastAt,
      touchId: held.touchId,
      events: 0,
      pageviews: 0,
      entryUrl: null,
      exitUrl: null,
      userAgent: null,
      ipPrefix: null,
      device: null,
      place: null,
    };
    rows.set(held.id, row);
    row.events += held.events;
    row.pageviews += held.pageviews;
    row.lastEventAt = Math.max(row.lastEventAt, held.lastAt);
    row.exitUrl = held.exitUrl ?? row.exitUrl;
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
      ...(click.channel === null ? {} : { channel: click.channel }),
      ...(click.rules_version === null ? {} : { rulesVersion: click.rules_version }),
    };
  }

  async function findEarlierVisits(): Promise<EarlierVisit[]> {
    const wanted: Array<{ visitorId: string; at: number }> = [];
    for (const { planned } of events) {
      const row = planned.device === undefined ? undefined : states.get(planned.device.visitorId);
      const { occurredAt } = planned.recognised.event;
      if (row?.session_started_at != null && occurredAt < row.session_started_at) {
        wanted.push({ visitorId: row.id, at: occurredAt });
      }
    }
    if (wanted.length === 0) return [];
    const found = await dependencies.sessions.findSessionsAround(tx, workspace.id, wanted);
    return found.map((row) => ({
      id: row.id,
      visitorId: row.visitor_id,
      startedAt: row.started_at.getTime(),
      lastEventAt: row.last_event_at.getTime(),
      touchId: row.touch_id,
    }));
  }
}

function kindOfTouch(event: IncomingEvent, { kind }: Source): TouchRow['kind'] {
  if (event.type === 'invitation') return 'invitation';
  if (event.type === 'redemption') return 'referral';
  return kind === 'internal' ? 'direct' : kind;
}

/** An event that happened before all that its visit is known to hold adds to the visit's row. */
function addToRow(event: IncomingEvent, row: SessionDelta): void {
  row.events += 1;
  if (event.type === 'pageview') row.pageviews += 1;
}

/** The visit of a device after one more event; `session` is what it was before, absent where the event opens it. */
function goOn(
  session: VisitorSession | undefined,
  event: IncomingEvent,
  id: string,
  changes: { readonly touchId: string | null; readonly source: string | null },
): VisitorSession {
  const at = event.occurredAt;
  const isPage = event.type === 'pageview';
  const page = isPage ? (event.url ?? null) : null;
  if (session === undefined)
    return {
      id,
      startedAt: at,
      lastAt: at,
      ...changes,
      events: 1,
      pageviews: isPage ? 1 : 0,
      exitUrl: page,
    };
  return {
    id,
    startedAt: Math.min(session.startedAt, at),
    lastAt: Math.max(session.lastAt, at),
    ...changes,
    events: session.events + 1,
    pageviews: session.pageviews + (isPage ? 1 : 0),
    exitUrl: at >= session.lastAt ? (page ?? session.exitUrl) : (session.exitUrl ?? page),
  };
}
