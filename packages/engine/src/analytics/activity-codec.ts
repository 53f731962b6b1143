import { nobody, noSlot } from './activity-block.ts';
import type {
  ActivityBlock,
  ActivityColumns,
  CodedColumn,
  HitColumns,
  PeopleColumns,
  VisitColumns,
} from './activity-block.ts';
import { visitDimensions } from './dimension.ts';
import type { VisitDimension } from './dimension.ts';
import { encodeKind } from './kind-numbers.ts';
import type { EncodedKind, KindNumbers } from './kind-numbers.ts';
import type { ValueNumbers } from './value-numbers.ts';

/** The parts of an hour, each of which a report reads only where it needs it. */
export const hourParts = ['people', 'visits', 'activity', 'hits', ...visitDimensions] as const;
export type HourPart = 'people' | 'visits' | 'activity' | 'hits' | VisitDimension;

/** The parts of an hour as they are stored. */
export type EncodedHour = Readonly<Record<HourPart, Buffer>>;

/**
 * A part is a line of JSON with the length and width of its columns and its texts, and the columns behind it: numbers of
 * one, two or four bytes, as many as the largest one takes, least byte first.
 */
export function encodeHour(block: ActivityBlock): EncodedHour {
  const { people, visits, activity, hits } = block;
  const moved = movedPeople(people);
  const parts: Partial<Record<HourPart, Buffer>> = {
    people: encode(
      [people.visitors, people.firstSeen, people.identified, moved.at, moved.people],
      people.count,
    ),
    visits: encode(
      [shift(visits.startSlot, noSlot), visits.seconds, visits.bounced, visits.engaged],
      visits.count,
    ),
    activity: encode(
      [
        activity.visit,
        shift(activity.person, nobody),
        activity.slot,
        activity.events,
        activity.pageviews,
      ],
      activity.count,
    ),
    hits: encode([hits!.activity, hits!.kind, hits!.times], hits!.kinds.map(encodeKind)),
  };
  for (const dimension of visitDimensions) {
    const { codes, values } = block.dimensions[dimension]!;
    parts[dimension] = encode([codes], values);
  }
  return parts as EncodedHour;
}

export function decodePeople(bytes: Uint8Array): PeopleColumns {
  const [[visitors, firstSeen, identified, at, moved], count] = decode(bytes);
  const people = Uint8Array.from(visitors!);
  for (let index = 0; index < at!.length; index += 1)
    people.set(moved!.subarray(index * 16, index * 16 + 16), at![index]! * 16);
  return {
    count: count as number,
    visitors: visitors as Uint8Array,
    people,
    firstSeen: widen(firstSeen!),
    identified: identified as Uint8Array,
  };
}

export function decodeVisits(bytes: Uint8Array): VisitColumns {
  const [[startSlot, seconds, bounced, engaged], count] = decode(bytes);
  return {
    count: count as number,
    startSlot: unshift(startSlot!, noSlot),
    seconds: widen(seconds!),
    bounced: bounced as Uint8Array,
    engaged: engaged as Uint8Array,
  };
}

export function decodeActivity(bytes: Uint8Array): ActivityColumns {
  const [[visit, person, slot, events, pageviews], count] = decode(bytes);
  return {
    count: count as number,
    visit: widen(visit!),
    person: unshift(person!, nobody),
    slot: widen(slot!),
    events: widen(events!),
    pageviews: widen(pageviews!),
  };
}

export function decodeHits(bytes: Uint8Array, numbers: KindNumbers): HitColumns {
  const [[activity, kind, times], kinds] = decode(bytes);
  const numberOf = (kinds as EncodedKind[]).map((each) => numbers.numberOf(each));
  return {
    count: activity!.length,
    activity: widen(activity!),
    kind: Uint32Array.from(kind!, (code) => numberOf[code]!),
    times: widen(times!),
    kinds: numbers.kinds,
  };
}

export function decodeDimension(bytes: Uint8Array, numbers: ValueNumbers): CodedColumn {
  const [[codes], values] = decode(bytes);
  const numberOf = (values as Array<string | null>).map((value) => numbers.numberOf(value));
  return { codes: Uint32Array.from(codes!, (code) => numberOf[code]!), values: numbers.values };
}

type Column = Uint8Array | Uint16Array | Uint32Array;

/** Only a few visitors are somebody else by now. */
function movedPeople({ count, visitors, people }: PeopleColumns): {
  readonly at: Uint32Array;
  readonly people: Uint8Array;
} {
  const at: number[] = [];
  const ids: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = people.subarray(index * 16, index * 16 + 16);
    if (Buffer.compare(id, visitors.subarray(index * 16, index * 16 + 16)) === 0) continue;
    at.push(index);
    ids.push(...id);
  }
  return { at: Uint32Array.from(at), people: Uint8Array.from(ids) };
}

function encode(columns: readonly Column[], texts: unknown): Buffer {
  const narrow = columns.map(narrowed);
  const head = {
    columns: narrow.map((column) => [column.BYTES_PER_ELEMENT, column.length]),
    texts,
  };
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(head)}\n`),
    ...narrow.map((column) => Buffer.from(column.buffer, column.byteOffset, column.byteLength)),
  ]);
}

const newline = 10;

function decode(bytes: Uint8Array): [columns: Column[], texts: unknown] {
  const end = bytes.indexOf(newline);
  const head = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('utf8')) as {
    columns: Array<[width: number, length: number]>;
    texts: unknown;
  };
  let at = end + 1;
  const columns = head.columns.map(([width, length]): Column => {
    // A copy of its own, because columns have to begin at multiples of their width.
    const data = new Uint8Array(bytes.subarray(at, at + width * length)).buffer;
    at += width * length;
    if (width === 1) return new Uint8Array(data);
    return width === 2 ? new Uint16Array(data) : new Uint32Array(data);
  });
  return [columns, head.texts];
}

function narrowed(column: Column): Column {
  let most = 0;
  for (const value of column) if (value > most) most = value;
  if (most < 0x1_00) return Uint8Array.from(column);
  return most < 0x1_00_00 ? Uint16Array.from(column) : Uint32Array.from(column);
}

function widen(column: Column): Uint32Array {
  return Uint32Array.from(column);
}

/** None becomes 0, so that the column stays narrow. */
function shift(column: Uint32Array, none: number): Uint32Array {
  return column.map((value) => (value === none ? 0 : value + 1));
}

function unshift(column: Column, none: number): Uint32Array {
  return Uint32Array.from(column, (value) => (value === 0 ? none : value - 1));
}
