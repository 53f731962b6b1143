import { visitDimensions } from './dimension.ts';
import type { VisitDimension } from './dimension.ts';
import type { IdNumbers } from './number-set.ts';

/**
 * What happened in a stretch of time, by columns: what every report is computed from. A slot is a part of the stretch;
 * no report cuts it. Indexes lead from a hit to its activity, and from there to the visit and the person.
 */
export interface ActivityBlock {
  /** Milliseconds, as is the length of a slot. */
  readonly startsAt: number;
  readonly slotLength: number;
  readonly slots: number;
  readonly people: PeopleColumns;
  readonly visits: VisitColumns;
  readonly activity: ActivityColumns;
  /** Absent where the report asks for no single events. */
  readonly hits: HitColumns | undefined;
  /** Of each visit; those that the report asks for. */
  readonly dimensions: Readonly<Partial<Record<VisitDimension, CodedColumn>>>;
}

export interface PeopleColumns {
  readonly count: number;
  /** What reports have numbered these people with, so that the next one need not. */
  numbered?: { readonly by: IdNumbers; readonly numbers: Uint32Array };
  /** The visitors that events were stamped with: 16 bytes each. */
  readonly visitors: Uint8Array;
  /** The people that they are: 16 bytes each. */
  readonly people: Uint8Array;
  /** When the person was first seen, in seconds. */
  readonly firstSeen: Uint32Array;
  /** 1 where we know who the person is. */
  readonly identified: Uint8Array;
}

/** The first one stands for everything that happened outside of visits; it never began. */
export interface VisitColumns {
  readonly count: number;
  /** {@link noSlot}: the visit began at another time. */
  readonly startSlot: Uint32Array;
  readonly seconds: Uint32Array;
  readonly bounced: Uint8Array;
  readonly engaged: Uint8Array;
}

/** One person in one visit in one slot. */
export interface ActivityColumns {
  readonly count: number;
  readonly visit: Uint32Array;
  /** {@link nobody}: nobody knows whose it is. */
  readonly person: Uint32Array;
  readonly slot: Uint32Array;
  readonly events: Uint32Array;
  readonly pageviews: Uint32Array;
}

/** How often one activity had one kind of event on one page. */
export interface HitColumns {
  readonly count: number;
  readonly activity: Uint32Array;
  readonly kind: Uint32Array;
  readonly times: Uint32Array;
  readonly kinds: readonly HitKind[];
}

export interface HitKind {
  readonly type: string;
  readonly name: string | null;
  /** Of a page view; other events are on no page. */
  readonly page: string | null;
  /** Of the address of any event, as funnels compare it; `null` without one, `undefined` in hours that do not say. */
  readonly path: string | null | undefined;
}

export interface CodedColumn {
  readonly codes: Uint32Array;
  readonly values: ReadonlyArray<string | null>;
}

export const noSlot = 0xff_ff_ff_ff;
export const nobody = 0xff_ff_ff_ff;

export interface VisitRow {
  readonly id: string;
  /** Milliseconds. */
  readonly startedAt: number;
  readonly seconds: number;
  readonly bounced: boolean;
  readonly engaged: boolean;
  readonly dimensions: Readonly<Partial<Record<VisitDimension, string | null>>>;
}

export interface PersonRow {
  readonly visitorId: string;
  readonly personId: string;
  /** Seconds. */
  readonly firstSeen: number;
  readonly identified: boolean;
}

export interface ActivityRow {
  readonly sessionId: string | null;
  readonly visitorId: string | null;
  readonly slot: number;
  readonly events: number;
  readonly pageviews: number;
  /** With {@link ActivityBlock.hits}. */
  readonly kind?: HitKind;
}

/** Makes a block of rows; `activity` in the order of slots. */
export function buildBlock({
  startsAt,
  slotLength,
  slots,
  activity,
  visits,
  people,
  withHits,
}: {
  readonly startsAt: number;
  readonly slotLength: number;
  readonly slots: number;
  readonly activity: readonly ActivityRow[];
  readonly visits: readonly VisitRow[];
  readonly people: readonly PersonRow[];
  readonly withHits: boolean;
}): ActivityBlock {
  const visitAt = new Map(visits.map((visit, index) => [visit.id, index + 1]));
  const personAt = new Map(people.map((person, index) => [person.visitorId, index]));
  const cells = new Map<string, number>();
  const columns = { visit: [] as number[], person: [] as number[], slot: [] as number[] };
  const events: number[] = [];
  const pageviews: number[] = [];
  const hits = { activity: [] as number[], kind: [] as number[], times: [] as number[] };
  const kindAt = new Map<string, number>();
  const kinds: HitKind[] = [];
  for (const row of activity) {
    const visit = row.sessionId === null ? 0 : (visitAt.get(row.sessionId) ?? 0);
    const person = row.visitorId === null ? nobody : (personAt.get(row.visitorId) ?? nobody);
    const cell = `${visit} ${person} ${row.slot}`;
    let at = cells.get(cell);
    if (at === undefined) {
      at = columns.visit.length;
      cells.set(cell, at);
      columns.visit.push(visit);
      columns.person.push(person);
      columns.slot.push(row.slot);
      events.push(0);
      pageviews.push(0);
    }
    events[at]! += row.events;
    pageviews[at]! += row.pageviews;
    if (!withHits || row.kind === undefined) continue;
    const { type, name, page, path } = row.kind;
    const key = JSON.stringify([type, name, page, path]);
    let kind = kindAt.get(key);
    if (kind === undefined) {
      kind = kinds.length;
      kindAt.set(key, kind);
      kinds.push(row.kind);
    }
    hits.activity.push(at);
    hits.kind.push(kind);
    hits.times.push(row.events);
  }
  const slotOf = (time: number): number => {
    const slot = Math.floor((time - startsAt) / slotLength);
    return slot >= 0 && slot < slots ? slot : noSlot;
  };
  return {
    startsAt,
    slotLength,
    slots,
    people: {
      count: people.length,
      visitors: packIds(people.map((person) => person.visitorId)),
      people: packIds(people.map((person) => person.personId)),
      firstSeen: Uint32Array.from(people, (person) => person.firstSeen),
      identified: Uint8Array.from(people, (person) => Number(person.identified)),
    },
    visits: {
      count: visits.length + 1,
      startSlot: Uint32Array.from([noSlot, ...visits.map((visit) => slotOf(visit.startedAt))]),
      seconds: Uint32Array.from([0, ...visits.map((visit) => visit.seconds)]),
      bounced: Uint8Array.from([0, ...visits.map((visit) => Number(visit.bounced))]),
      engaged: Uint8Array.from([0, ...visits.map((visit) => Number(visit.engaged))]),
    },
    activity: {
      count: columns.visit.length,
      visit: Uint32Array.from(columns.visit),
      person: Uint32Array.from(columns.person),
      slot: Uint32Array.from(columns.slot),
      events: Uint32Array.from(events),
      pageviews: Uint32Array.from(pageviews),
    },
    hits: withHits
      ? {
          count: hits.activity.length,
          activity: Uint32Array.from(hits.activity),
          kind: Uint32Array.from(hits.kind),
          times: Uint32Array.from(hits.times),
          kinds,
        }
      : undefined,
    dimensions: codeDimensions(visits),
  };
}

function codeDimensions(visits: readonly VisitRow[]): ActivityBlock['dimensions'] {
  const columns: Partial<Record<VisitDimension, CodedColumn>> = {};
  for (const dimension of visitDimensions) {
    if (visits[0] !== undefined && visits[0].dimensions[dimension] === undefined) continue;
    const values: Array<string | null> = [null];
    const codeOf = new Map<string | null, number>([[null, 0]]);
    const codes = new Uint32Array(visits.length + 1);
    for (const [index, visit] of visits.entries()) {
      const value = visit.dimensions[dimension] ?? null;
      let code = codeOf.get(value);
      if (code === undefined) {
        code = values.length;
        codeOf.set(value, code);
        values.push(value);
      }
      codes[index + 1] = code;
    }
    columns[dimension] = { codes, values };
  }
  return columns;
}

/** UUIDs as 16 bytes each. */
export function packIds(ids: readonly string[]): Uint8Array {
  const bytes = Buffer.alloc(ids.length * 16);
  for (const [index, id] of ids.entries()) bytes.write(id.replaceAll('-', ''), index * 16, 'hex');
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
