import { addMeasures, beginsVisit, measuresOf, noMeasures } from '../sessions/session-measures.ts';
import type { SessionMeasures } from '../sessions/session-measures.ts';
import { decideVisit, isTouch, sessionTimeout, sourceKey } from '../sessions/visit.ts';
import type { Source } from '../sources/source.ts';

/** A click of ours as its landing knows it. */
export interface ReplayClick {
  readonly id: string;
  readonly visitorId: string;
  readonly sessionId: string | null;
  readonly at: number;
}

/** One event as it was recorded, with what visits are made of. Times in milliseconds. */
export interface ReplayEvent {
  readonly id: string;
  readonly type: string;
  readonly at: number;
  readonly url: string | null;
  readonly properties: Readonly<Record<string, unknown>> | null;
  readonly sessionId: string | null;
  readonly touchId: string | null;
  /** What it happened on; absent for what a server tells of a person. */
  readonly deviceId: string | undefined;
  /** From this event on the device was somebody else's. */
  readonly rotates: boolean;
  /** Where the page itself shows that it was come from; absent where the event is no arrival. */
  readonly shown: Source | undefined;
  /** The touch that the event has made; `counts` as what, where a click gave the touch its source. */
  readonly ownTouch: { readonly id: string; readonly kind: Source['kind'] } | undefined;
  /** The click of ours that it lands. */
  readonly landing: (ReplayClick & { readonly joins: boolean }) | undefined;
}

/** A visit as its events make it. */
export interface ReplayedVisit {
  readonly id: string;
  /** The device that began it. */
  readonly deviceId: string;
  /** It is left as it is: some of its events are not there any more, or are somebody else's. */
  readonly isKept: boolean;
  startedAt: number;
  lastEventAt: number;
  touchId: string | null;
  measures: SessionMeasures;
  entryUrl: string | null;
  entryAt: number | null;
  exitUrl: string | null;
  exitAt: number | null;
  joined: boolean;
  /** The visit that its first event was recorded in: what that knows of the device and the place holds here too. */
  readonly formerId: string | null;
}

/** The visit that a device is on after the events so far. */
export interface ReplayedState {
  readonly visit: ReplayedVisit;
  readonly startedAt: number;
  readonly lastAt: number;
  readonly touchId: string | null;
  readonly source: string | null;
}

/** What became of one event. */
export interface ReplayedEvent {
  readonly sessionId: string | null;
  readonly touchId: string | null;
  /** `makes`: the event is a touch that has no row yet. `drops`: its row is none. */
  readonly touch: 'makes' | 'drops' | 'keeps';
}

export type VisitReplay = ReturnType<typeof createVisitReplay>;

/** A visit as its row stands. */
export interface StoredVisit {
  readonly deviceId: string;
  readonly touchId: string | null;
  /** It is left as it is: some of its events are not there any more, or are somebody else's. */
  readonly isKept: boolean;
}

/**
 * Makes the visits of a group of people again, from events that come in the order of (time, id): the same rules as a
 * batch has (ingest/visit-step.ts), where nothing is late. A visit keeps the id that its first event was recorded
 * with, so that what was right stays as it is.
 */
export function createVisitReplay(
  createId: () => string,
  stored: ReadonlyMap<string, StoredVisit>,
) {
  const visits = new Map<string, ReplayedVisit>();
  const states = new Map<string, ReplayedState>();
  const visitOfClick = new Map<string, ReplayedVisit>();
  return { visits, states, replay };

  function begin(event: ReplayEvent, deviceId: string): ReplayedVisit {
    const formerId = event.sessionId;
    const isFree =
      formerId !== null &&
      !visits.has(formerId) &&
      (stored.get(formerId)?.deviceId ?? deviceId) === deviceId;
    const visit = newVisit(isFree ? formerId : createId(), deviceId, event);
    visits.set(visit.id, visit);
    return visit;
  }

  /** An event of a visit that is left as it is. */
  function stay(
    event: ReplayEvent,
    deviceId: string,
    id: string,
    kept: StoredVisit,
  ): ReplayedEvent {
    const { touchId, shown } = event;
    const known = states.get(deviceId);
    const before = known?.visit.id === id ? known : undefined;
    states.set(deviceId, {
      visit: before?.visit ?? { ...newVisit(id, kept.deviceId, event), isKept: true },
      startedAt: before?.startedAt ?? event.at,
      lastAt: event.at,
      touchId: event.ownTouch?.id ?? (before === undefined ? kept.touchId : before.touchId),
      source: before === undefined ? shownKeyOf(shown) : before.source,
    });
    return { sessionId: id, touchId, touch: 'keeps' };
  }

  function replay(event: ReplayEvent): ReplayedEvent {
    const { deviceId, shown, landing } = event;
    const none: ReplayedEvent = {
      sessionId: null,
      touchId: null,
      touch: event.ownTouch === undefined ? 'keeps' : 'drops',
    };
    // What somebody saw stands by itself, with the touch that it made.
    if (event.type === 'impression')
      return { sessionId: null, touchId: event.touchId, touch: 'keeps' };
    if (deviceId === undefined) return none;
    const recorded = event.sessionId === null ? undefined : stored.get(event.sessionId);
    if (recorded?.isKept === true) return stay(event, deviceId, event.sessionId!, recorded);
    const shownKey = shownKeyOf(shown);
    let state = event.rotates ? undefined : states.get(deviceId);
    const joins = landing !== undefined && state?.touchId !== landing.id && canJoin(landing);
    if (joins) state = joinedState(landing, shownKey);
    const landsHere = landing !== undefined && state?.touchId === landing.id;
    const opens =
      state === undefined ||
      state.visit.isKept ||
      decideVisit(toSession(state), event.at, landsHere ? undefined : shown).kind === 'opens';
    if (opens && !beginsVisit(event.type)) return none;

    const visit = opens || state === undefined ? begin(event, deviceId) : state.visit;
    const isArrival = isTouchHere(event, opens);
    const own = isArrival ? (event.ownTouch?.id ?? newTouchId(event)) : undefined;
    const touchId = own ?? (opens ? null : (state?.touchId ?? null));
    if (event.type === 'link_click') visitOfClick.set(event.id, visit);
    states.set(deviceId, {
      visit,
      startedAt: Math.min(opens ? event.at : state!.startedAt, event.at),
      lastAt: Math.max(opens ? event.at : state!.lastAt, event.at),
      touchId,
      source: opens || landsHere ? shownKey : state!.source,
    });
    add(visit, event, deviceId, touchId);
    return {
      sessionId: visit.id,
      touchId,
      touch: isArrival === (event.ownTouch !== undefined) ? 'keeps' : isArrival ? 'makes' : 'drops',
    };

    function canJoin(click: NonNullable<ReplayEvent['landing']>): boolean {
      const isNear = Math.abs(event.at - click.at) <= sessionTimeout;
      return isNear && (click.joins || click.visitorId === deviceId);
    }
  }

  function joinedState(click: ReplayClick, source: string | null): ReplayedState | undefined {
    const visit = visitOfClick.get(click.id);
    return visit && { visit, startedAt: click.at, lastAt: click.at, touchId: click.id, source };
  }

  /** A click is its own touch; a page gets one, by which it will be known from then on. */
  function newTouchId(event: ReplayEvent): string {
    return event.type === 'link_click' ? event.id : createId();
  }
}

function newVisit(id: string, deviceId: string, event: ReplayEvent): ReplayedVisit {
  return {
    id,
    deviceId,
    isKept: false,
    startedAt: event.at,
    lastEventAt: event.at,
    touchId: null,
    measures: noMeasures,
    entryUrl: null,
    entryAt: null,
    exitUrl: null,
    exitAt: null,
    joined: false,
    formerId: event.sessionId,
  };
}

function shownKeyOf(shown: Source | undefined): string | null {
  return shown === undefined ? null : sourceKey(shown);
}

function toSession(state: ReplayedState) {
  return {
    id: state.visit.id,
    startedAt: state.startedAt,
    lastAt: state.lastAt,
    touchId: state.touchId,
    source: state.source,
    ...noMeasures,
    exitUrl: null,
    exitAt: null,
    joined: false,
  };
}

function isTouchHere(event: ReplayEvent, opens: boolean): boolean {
  if (event.type === 'link_click') return true;
  if (event.shown === undefined) return false;
  // The landing of a click takes its source: whatever the page shows, it is a campaign's.
  const kind =
    event.ownTouch?.kind ?? (event.landing === undefined ? event.shown.kind : 'campaign');
  return isTouch({ ...event.shown, kind }, opens);
}

function add(visit: ReplayedVisit, event: ReplayEvent, deviceId: string, touchId: string | null) {
  visit.startedAt = Math.min(visit.startedAt, event.at);
  visit.lastEventAt = Math.max(visit.lastEventAt, event.at);
  visit.touchId ??= touchId;
  visit.measures = addMeasures(visit.measures, measuresOf(event));
  visit.joined ||= deviceId !== visit.deviceId;
  if (event.type !== 'pageview' || event.url === null) return;
  if (visit.entryAt === null) {
    visit.entryUrl = event.url;
    visit.entryAt = event.at;
  }
  visit.exitUrl = event.url;
  visit.exitAt = event.at;
}
