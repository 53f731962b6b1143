import type { ClickTouch } from '../attribution/touch-store.ts';
import { minute } from '../kernel/clock.ts';
import { clickedBy, namedById, nameless } from '../visitors/identifier-kind.ts';
import type { IdentifierKind } from '../visitors/identifier-kind.ts';
import type { IncomingEvent, IngestOutcome } from './event.ts';
import type { NamedIdentifier, Recognition, RecognisedEvent } from './recognise.ts';

/** A visitor that an event names, and what named it. */
export interface PlannedNode {
  /** The node itself; the device's own, where it is a device. */
  readonly visitorId: string;
  readonly kind: IdentifierKind;
  readonly isNew: boolean;
  readonly identifier: NamedIdentifier | undefined;
}

export interface PlannedEvent {
  readonly recognised: RecognisedEvent;
  /** Empty for machines. */
  readonly nodes: readonly PlannedNode[];
  /** The device that the visit happens on. */
  readonly device: PlannedNode | undefined;
  /** The click of ours that this event lands, where it may still join people. */
  readonly landing: ClickTouch | undefined;
}

export interface BatchPlan {
  readonly events: readonly PlannedEvent[];
  readonly rejected: ReadonlyMap<RecognisedEvent, IngestOutcome>;
  /** Identifiers that get a visitor of their own, by key. */
  readonly allocated: ReadonlyMap<
    string,
    { readonly visitorId: string; readonly first: RecognisedEvent; readonly named: NamedIdentifier }
  >;
  /** Visitors whose rows the batch needs. */
  readonly lockIds: readonly string[];
  /** Roots of people that may be joined: all their members are locked. */
  readonly joinRoots: readonly string[];
}

/** A click may join the people of its two sides only this long after it happened (design law 5). */
const landingWindow = 30 * minute;

/** Decides, before the transaction begins, which rows a batch needs. Events come in the order of (time, id). */
export function planBatch(
  recognised: readonly RecognisedEvent[],
  recognition: Recognition,
  createId: () => string,
): BatchPlan {
  const rejected = new Map<RecognisedEvent, IngestOutcome>();
  const allocated = new Map<
    string,
    { visitorId: string; first: RecognisedEvent; named: NamedIdentifier }
  >();
  const events: PlannedEvent[] = [];
  const lockIds = new Set<string>();
  const joinRoots = new Set<string>();
  const landed = new Set<string>();
  // What comes in together may be out of order: a sale that happened before the event that introduces its customer.
  const introduced = new Set<string>();
  for (const { event, identifiers } of recognised) {
    if (!event.createsVisitor || event.machine !== undefined || !namesKnownIds(event)) continue;
    for (const named of identifiers) introduced.add(named.key);
  }

  const knownVisitor = (named: NamedIdentifier): string | undefined => {
    const visitorId = recognition.visitors.get(named.key);
    return visitorId !== undefined && recognition.hints.has(visitorId) ? visitorId : undefined;
  };

  for (const item of recognised) {
    const { event, identifiers } = item;
    if (event.machine !== undefined) {
      events.push({ recognised: item, nodes: [], device: undefined, landing: undefined });
      continue;
    }
    if (!isFindable(item)) {
      rejected.set(item, {
        outcome: 'rejected',
        eventId: event.id,
        code: 'visitor_not_found',
        message: 'Visitor not found',
      });
      continue;
    }

    const nodes: PlannedNode[] = [];
    for (const named of identifiers) {
      const known = knownVisitor(named) ?? allocated.get(named.key)?.visitorId;
      if (known !== undefined) {
        nodes.push({ visitorId: known, kind: named.kind, isNew: false, identifier: named });
        continue;
      }
      const visitorId = createId();
      allocated.set(named.key, { visitorId, first: item, named });
      nodes.push({ visitorId, kind: named.kind, isNew: true, identifier: named });
    }
    for (const visitorId of [event.visitorId, event.sameAsVisitorId]) {
      if (visitorId === undefined || nodes.some((node) => node.visitorId === visitorId)) continue;
      nodes.push({ visitorId, kind: namedById, isNew: false, identifier: undefined });
    }
    const clicker = nodes.length === 0 ? clickerOf(item) : undefined;
    if (clicker !== undefined)
      nodes.push({ visitorId: clicker, kind: namedById, isNew: false, identifier: undefined });
    if (nodes.length === 0)
      nodes.push({ visitorId: createId(), kind: nameless, isNew: true, identifier: undefined });

    const landing = landingOf(item);
    if (landing !== undefined) {
      landed.add(landing.id);
      // Weak identifiers join nobody, so neither does a landing that nothing else names.
      const mayJoin = nodes.every((node) => node.identifier?.kind.strength !== 'weak');
      if (mayJoin && !nodes.some((node) => node.visitorId === landing.visitor_id)) {
        nodes.push({
          visitorId: landing.visitor_id,
          kind: clickedBy,
          isNew: false,
          identifier: undefined,
        });
      }
    }
    events.push({ recognised: item, nodes, device: deviceOf(item, nodes), landing });
    wantRows(nodes);
  }
  return { events, rejected, allocated, lockIds: [...lockIds], joinRoots: [...joinRoots] };

  function namesKnownIds({ visitorId, sameAsVisitorId }: IncomingEvent): boolean {
    return [visitorId, sameAsVisitorId].every(
      (id) => id === undefined || recognition.hints.has(id),
    );
  }

  function isFindable({ event, identifiers }: RecognisedEvent): boolean {
    if (!namesKnownIds(event)) return false;
    if (event.visitorId !== undefined || event.createsVisitor) return true;
    if (identifiers.length === 0) return clickerOf({ event }) !== undefined;
    // The host's own id decides alone where it is given; otherwise any identifier that is known will do.
    const authoritative = identifiers.filter((named) => named.kind.strength === 'authoritative');
    const deciding = authoritative.length > 0 ? authoritative : identifiers;
    return deciding.some(
      (named) =>
        knownVisitor(named) !== undefined || introduced.has(named.key) || allocated.has(named.key),
    );
  }

  /** Whose click it was: who somebody is that nothing else names. */
  function clickerOf({ event }: Pick<RecognisedEvent, 'event'>): string | undefined {
    const clickId = event.arrival?.clickId;
    const click = clickId === undefined ? undefined : recognition.clicks.get(clickId);
    return click !== undefined && recognition.hints.has(click.visitor_id)
      ? click.visitor_id
      : undefined;
  }

  function landingOf({ event }: RecognisedEvent): ClickTouch | undefined {
    const click =
      event.arrival?.clickId === undefined
        ? undefined
        : recognition.clicks.get(event.arrival.clickId);
    if (click === undefined || click.landed_at !== null || landed.has(click.id)) return undefined;
    if (!recognition.hints.has(click.visitor_id)) return undefined;
    const age = event.occurredAt - click.occurred_at.getTime();
    return age <= landingWindow && age >= -landingWindow ? click : undefined;
  }

  function wantRows(nodes: readonly PlannedNode[]): void {
    const roots = new Set<string>();
    for (const node of nodes) {
      const hint = recognition.hints.get(node.visitorId);
      if (hint === undefined) {
        roots.add(node.visitorId);
        continue;
      }
      const current = recognition.hints.get(hint.current) ?? hint;
      lockIds.add(node.visitorId).add(hint.root).add(hint.current).add(current.root);
      roots.add(current.root);
    }
    if (roots.size > 1) {
      for (const root of roots)
        if (recognition.hints.has(root) || recognition.rootVersions.has(root)) joinRoots.add(root);
    }
  }
}

function deviceOf(
  { event }: RecognisedEvent,
  nodes: readonly PlannedNode[],
): PlannedNode | undefined {
  const device = nodes.find(
    (node) => node.kind.strength === 'device' && node.kind !== clickedBy && node.kind !== namedById,
  );
  if (device !== undefined) return device;
  // A host that names the visitor itself (a server-rendered page) has visits too; a bare API event has none.
  const opensVisits =
    event.type === 'pageview' ||
    event.type === 'session_start' ||
    event.type === 'link_click' ||
    // Who comes by an invitation or a code arrives, also where only the host's own id says who it is.
    ((event.type === 'invitation' || event.type === 'redemption') && event.arrival !== undefined);
  return opensVisits
    ? (nodes.find((node) => node.kind === namedById || node.kind === nameless) ?? nodes[0])
    : undefined;
}
