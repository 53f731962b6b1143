import type { TouchRow } from '../attribution/touch-store.ts';
import { sourceOfPartner } from '../partners/partner-source.ts';
import type { Source } from '../sources/source.ts';
import { addMeasures, beginsVisit, measuresOf, noMeasures } from '../sessions/session-measures.ts';
import {
  campaignKey,
  decideVisit,
  findPastVisit,
  isOtherCampaign,
  isTouch,
  sessionTimeout,
  sourceKey,
} from '../sessions/visit.ts';
import type { SessionMeasures } from '../sessions/session-measures.ts';
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
  readonly campaign: string | null;
  readonly joined: boolean;
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
      engagedMilliseconds: row.session_engaged_ms,
      interactions: row.session_interactions,
      conversions: row.session_conversions,
      clicks: row.session_clicks,
      exitUrl: row.session_exit_url,
      exitAt: row.session_exit_at,
      joined: row.session_joined,
    };
  }

  function visit(resolved: ResolvedEvent): VisitedEvent {
    const { planned, stamped, identity } = resolved;
    const { event } = planned.recognised;
    const device = planned.device?.visitorId;
    // Who sent somebody, told at the till: no arrival, so it begins no visit.
    if (event.referredBy !== undefined) tellReferral(resolved, event.referredBy);
    // Who sees something of ours has not come: it belongs to no visit, and begins none.
    if (event.type === 'impression')
      return { resolved, sessionId: null, touchId: view(resolved) ?? null };
    if (stamped === null || device === undefined)
      return { resolved, sessionId: null, touchId: null };
    if (identity.rotate === true) handedOver.add(device);

    const source = sourceOf(resolved);
    // Visits are told apart by what the page itself shows, with or without its hw_click: a reload looks the same.
    const shown = beginsVisit(event.type) ? event.arrival?.source : undefined;
    const shownKey = shown === undefined ? null : sourceKey(shown);
    const clickId = event.arrival?.clickId;
    const click = clickId === undefined ? undefined : recognition.clicks.get(clickId);
    const held = heldBy(device);
    let session = handedOver.has(device) ? undefined : held;
    // A later use of its id joins only the touch (design law 5).
    const lands = click !== undefined && planned.landing !== undefined;
    const joins = lands && session?.touchId !== click.id && joinsVisitOf(resolved, click, device);
    // A landing that comes long after what the device did next leaves the visit that is going on.
    const isOld =
      session !== undefined && event.occurredAt + sessionTimeout < session.startedAt && joins;
    if (joins && !isOld) {
      // A click and its landing are one visit, also where they are two devices to us: the link's host and the site.
      const at = click.occurred_at.getTime();
      session = {
        id: click.session_id ?? dependencies.createId(),
        startedAt: at,
        lastAt: at,
        ...noMeasures,
        exitUrl: null,
        exitAt: null,
        joined: click.visitor_id !== device,
        // Where the device is on that visit already, what it did there stays.
        ...(held?.id === click.session_id && held),
        touchId: click.id,
        source: shownKey,
      };
    }
    const landsHere = lands && session?.touchId === click.id;
    const decision = decideVisit(session, event.occurredAt, landsHere ? undefined : shown);

    if (isOld) earlier.push(visitOfClick(click, device));
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
      // A campaign is a visit of its own, and a touch, also where it comes to light when the visit is over.
      const going =
        past !== undefined && past.touchId !== click?.id && isOtherCampaign(shown, past.campaign)
          ? undefined
          : past;
      const opens = going === undefined;
      if (opens && !beginsVisit(event.type)) return { resolved, sessionId: null, touchId: null };
      const id = going?.id ?? dependencies.createId();
      const touchId = touch(resolved, id, source, opens, click) ?? going?.touchId ?? null;
      if (going === undefined) {
        earlier.push({
          id,
          visitorId: device,
          startedAt: event.occurredAt,
          lastEventAt: event.occurredAt,
          touchId,
          campaign: shown === undefined ? null : campaignKey(shown),
          joined: false,
        });
        opened.set(device, (opened.get(device) ?? 0) + 1);
      } else {
        going.startedAt = Math.min(going.startedAt, event.occurredAt);
        going.lastEventAt = Math.max(going.lastEventAt, event.occurredAt);
      }
      addToRow(event, rowOf(event, id, device, touchId, going?.joined));
      return { resolved, sessionId: id, touchId };
    }

    const opens = decision.kind === 'opens' || session === undefined;
    if (opens && !beginsVisit(event.type)) return { resolved, sessionId: null, touchId: null };
    const id = opens ? dependencies.createId() : session!.id;
    const own = touch(resolved, id, source, opens, click);
    const touchId = own ?? (landsHere ? click.id : opens ? null : (session?.touchId ?? null));
    const next = goOn(opens ? undefined : session, event, id, {
      touchId: own ?? (opens ? null : session!.touchId),
      source: opens || landsHere ? shownKey : session!.source,
      // What happened since then belongs to the visit that comes to light late: it is not over yet.
      goesOnUntil: held !== undefined && held.id !== id ? goesOnUntil(held, event) : undefined,
    });
    current.set(device, next);
    handedOver.delete(device);
    if (held !== undefined && held.id !== id) leave(held, device);
    if (opens) opened.set(device, (opened.get(device) ?? 0) + 1);
    // The rest of what goes on stays with the device until it goes on to another visit.
    const firstPage = next.pageviews === 1 && event.type === 'pageview';
    const isMoreClicks =
      event.type === 'link_click' && next.clicks > 1 && session!.touchId !== null;
    if (
      opens ||
      joins ||
      firstPage ||
      (next.touchId !== session!.touchId && !isMoreClicks) ||
      next.startedAt < session!.startedAt ||
      isLatePage(event, session!)
    )
      rowOf(event, id, device, touchId, next.joined);
    return { resolved, sessionId: id, touchId };
  }

  /** An earlier visit of this device: the one that it clicked for, which it had left when the landing came to light. */
  function visitOfClick(
    click: { id: string; visitor_id: string; session_id: string | null; occurred_at: Date },
    device: string,
  ): EarlierVisit {
    const at = click.occurred_at.getTime();
    return {
      id: click.session_id ?? dependencies.createId(),
      visitorId: device,
      startedAt: at,
      lastEventAt: at,
      touchId: click.id,
      campaign: null,
      joined: click.visitor_id !== device,
    };
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
    click: { id: string; link_id: string | null; partner_id: string | null } | undefined,
  ): string | undefined {
    const { event } = resolved.planned.recognised;
    if (source === undefined) return undefined;
    const isClick = event.type === 'link_click';
    // The landing of a click is part of that click's touch.
    if (!isClick && click !== undefined && !opens) return undefined;
    if (!isClick && !isTouch(source, opens)) return undefined;
    const kind = isClick ? 'click' : kindOfTouch(event, source);
    return writeTouch(resolved, kind, { sessionId, source, click });
  }

  /** Writes the touch of somebody who saw something of ours, where it says what that was; returns its id. */
  function view(resolved: ResolvedEvent): string | undefined {
    const source = resolved.planned.recognised.event.arrival?.source;
    if (source === undefined || source.kind === 'internal' || source.kind === 'direct')
      return undefined;
    return writeTouch(resolved, 'view', { sessionId: null, source, click: undefined });
  }

  function tellReferral(
    resolved: ResolvedEvent,
    { partnerId, coupon }: NonNullable<IncomingEvent['referredBy']>,
  ): void {
    const source = sourceOfPartner(coupon);
    writeTouch(resolved, 'referral', {
      sessionId: null,
      source,
      click: undefined,
      partner: { id: partnerId },
    });
  }

  function writeTouch(
    { planned, stamped }: ResolvedEvent,
    kind: TouchRow['kind'],
    {
      sessionId,
      source,
      click,
      partner,
    }: {
      readonly sessionId: string | null;
      readonly source: Source;
      readonly click:
        | { readonly link_id: string | null; readonly partner_id: string | null }
        | undefined;
      readonly partner?: TouchRow['partner'];
    },
  ): string | undefined {
    const { event } = planned.recognised;
    if (stamped === null) return undefined;
    const id = kind === 'click' ? event.id : dependencies.createId();
    touches.push({
      id,
      visitorId: stamped,
      sessionId,
      eventId: event.id,
      kind,
      occurredAt: event.occurredAt,
      recordedAt,
      linkId: event.linkId ?? click?.link_id ?? null,
      ...(click?.partner_id != null && { partnerId: click.partner_id }),
      ...(partner !== undefined
        ? { partner }
        : event.isReferral === true && { partner: { ofLink: true } }),
      source,
      url: event.url ?? null,
      referrer: event.referrer ?? null,
      signals: signalsOf(event, click !== undefined),
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
    joined = false,
  ): SessionDelta {
    const page = pageOf(event);
    let row = rows.get(id);
    if (row === undefined) {
      row = {
        id,
        visitorId: device,
        startedAt: event.occurredAt,
        lastEventAt: event.occurredAt,
        touchId,
        ...noMeasures,
        entryUrl: page,
        exitUrl: page,
        entryAt: page === null ? null : event.occurredAt,
        exitAt: page === null ? null : event.occurredAt,
        joined,
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
    row.joined ||= joined;
    if (page !== null) addPage(row, page, event.occurredAt);
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
      ...noMeasures,
      entryUrl: null,
      exitUrl: null,
      entryAt: null,
      exitAt: null,
      joined: held.joined,
      userAgent: null,
      ipPrefix: null,
      device: null,
      place: null,
    };
    rows.set(held.id, row);
    count(row, held);
    row.lastEventAt = Math.max(row.lastEventAt, held.lastAt);
    if (held.exitUrl === null || held.exitAt === null) return;
    if (row.exitAt === null || held.exitAt >= row.exitAt) {
      row.exitUrl = held.exitUrl;
      row.exitAt = held.exitAt;
    }
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
      campaign: row.campaign,
      joined: false,
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
  count(row, measuresOf(event));
}

function count(row: SessionDelta, measures: SessionMeasures): void {
  row.events += measures.events;
  row.pageviews += measures.pageviews;
  row.engagedMilliseconds += measures.engagedMilliseconds;
  row.interactions += measures.interactions;
  row.conversions += measures.conversions;
  row.clicks += measures.clicks;
}

function addPage(row: SessionDelta, url: string, at: number): void {
  if (row.entryAt === null || at < row.entryAt) {
    row.entryUrl = url;
    row.entryAt = at;
  }
  if (row.exitAt === null || at >= row.exitAt) {
    row.exitUrl = url;
    row.exitAt = at;
  }
}

/** A click that is still on its way is named by its landing, so that a rebuild brings the two together. */
function signalsOf(
  { arrival }: IncomingEvent,
  isClickKnown: boolean,
): Readonly<Record<string, string>> | null {
  const { clickId, signals = null } = arrival ?? {};
  return clickId === undefined || isClickKnown ? signals : { ...signals, hw_click: clickId };
}

function pageOf(event: IncomingEvent): string | null {
  return event.type === 'pageview' ? (event.url ?? null) : null;
}

/** A page that something later overtook may be where the visit began. */
function isLatePage(event: IncomingEvent, session: VisitorSession): boolean {
  return event.occurredAt < session.lastAt && pageOf(event) !== null;
}

/** Until when the visit that a late event moves the device to is known to have gone on. */
function goesOnUntil(held: VisitorSession, event: IncomingEvent): number | undefined {
  const isLater = held.lastAt > event.occurredAt;
  return isLater && held.startedAt <= event.occurredAt + sessionTimeout ? held.lastAt : undefined;
}

/** The visit of a device after one more event; `session` is what it was before, absent where the event opens it. */
function goOn(
  session: VisitorSession | undefined,
  event: IncomingEvent,
  id: string,
  {
    touchId,
    source,
    goesOnUntil: until = -Infinity,
  }: {
    readonly touchId: string | null;
    readonly source: string | null;
    readonly goesOnUntil: number | undefined;
  },
): VisitorSession {
  const at = event.occurredAt;
  const page = pageOf(event);
  const isExit = page !== null && (session?.exitAt == null || at >= session.exitAt);
  return {
    id,
    startedAt: Math.min(session?.startedAt ?? at, at),
    lastAt: Math.max(session?.lastAt ?? at, at, until),
    touchId,
    source,
    ...addMeasures(session ?? noMeasures, measuresOf(event)),
    exitUrl: isExit ? page : (session?.exitUrl ?? null),
    exitAt: isExit ? at : (session?.exitAt ?? null),
    joined: session?.joined ?? false,
  };
}
