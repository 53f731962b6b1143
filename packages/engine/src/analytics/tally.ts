import { nobody, noSlot } from './activity-block.ts';
import type { ActivityBlock } from './activity-block.ts';
import { isVisitDimension } from './dimension.ts';
import type { EventDimension, VisitDimension } from './dimension.ts';
import { passKinds, passVisits, valueOf } from './filter.ts';
import type { Filters } from './filter.ts';
import { createIdNumbers, createPairSet } from './number-set.ts';
import type { ReportWindow } from './report-window.ts';

/** What a report counts apart: nothing, the buckets of a time series, or the values of a dimension. */
export type Grouping =
  | { readonly by: 'nothing' }
  | { readonly by: 'time'; readonly edges: readonly number[] }
  | { readonly by: 'dimension'; readonly dimension: VisitDimension | EventDimension };

export interface Tallied {
  /** The value of the dimension; `null` is none. The start of a bucket is its index in `edges`. */
  readonly value: string | null;
  readonly events: number;
  readonly pageviews: number;
  readonly people: number;
  readonly newPeople: number;
  readonly identifiedPeople: number;
  readonly sessions: number;
  readonly bounces: number;
  readonly engaged: number;
  readonly seconds: number;
}

/** Counts blocks together, one after the other in the order of time. */
export interface Tally {
  add(block: ActivityBlock): void;
  /** Buckets in their order, without gaps; values in no order. */
  groups(): Tallied[];
}

interface Counts {
  events: number;
  pageviews: number;
  people: number;
  newPeople: number;
  identifiedPeople: number;
  sessions: number;
  bounces: number;
  engaged: number;
  seconds: number;
}

export function createTally(
  grouping: Grouping,
  filters: Filters,
  window: ReportWindow,
  countsPeople: boolean,
): Tally {
  const groups: Counts[] = [];
  const values: Array<string | null> = [];
  const groupOf = new Map<string | null, number>();
  const people = createIdNumbers();
  const seen = createPairSet();
  const newSince = window.from / 1_000;
  if (grouping.by !== 'dimension') {
    const count = grouping.by === 'time' ? grouping.edges.length - 1 : 1;
    for (let group = 0; group < count; group += 1) {
      groups.push(noCounts());
      values.push(null);
    }
  }
  const needsHits = filters.events.length > 0 || groupsByEvent(grouping);

  return {
    add(block) {
      const passed = passVisits(block, filters.visits);
      const numbers = countsPeople ? numberPeople(block) : undefined;
      if (needsHits) addHits(block, passed, numbers);
      else addActivity(block, passed, numbers);
      if (!needsHits) addVisits(block, passed);
    },
    groups: () => groups.map((counts, group) => ({ value: values[group]!, ...counts })),
  };

  function numberPeople({ people: { count, people: ids } }: ActivityBlock): Uint32Array {
    const words = new Uint32Array(ids.buffer, ids.byteOffset, count * 4);
    const numbers = new Uint32Array(count);
    for (let at = 0; at < count; at += 1) numbers[at] = people.numberOf(words, at * 4);
    return numbers;
  }

  function countPerson(block: ActivityBlock, person: number, number: number, group: number): void {
    if (!seen.add(number, group)) return;
    const counts = groups[group]!;
    counts.people += 1;
    if (block.people.firstSeen[person]! >= newSince) counts.newPeople += 1;
    counts.identifiedPeople += block.people.identified[person]!;
  }

  function addActivity(
    block: ActivityBlock,
    passed: Uint8Array | undefined,
    numbers: Uint32Array | undefined,
  ): void {
    const { count, visit, person, slot, events, pageviews } = block.activity;
    const groupOfVisit = visitGroups(block);
    const groupOfSlot = slotGroups(block);
    for (let at = 0; at < count; at += 1) {
      const of = visit[at]!;
      if (passed !== undefined && passed[of] === 0) continue;
      const group = groupOfVisit?.[of] ?? groupOfSlot?.[slot[at]!] ?? 0;
      const counts = groups[group]!;
      counts.events += events[at]!;
      counts.pageviews += pageviews[at]!;
      if (numbers === undefined || person[at] === nobody) continue;
      countPerson(block, person[at]!, numbers[person[at]!]!, group);
    }
  }

  function addVisits(block: ActivityBlock, passed: Uint8Array | undefined): void {
    const { count, startSlot, seconds, bounced, engaged } = block.visits;
    const groupOfVisit = visitGroups(block);
    const groupOfSlot = slotGroups(block);
    for (let visit = 0; visit < count; visit += 1) {
      if (startSlot[visit] === noSlot) continue;
      if (passed !== undefined && passed[visit] === 0) continue;
      const counts = groups[groupOfVisit?.[visit] ?? groupOfSlot?.[startSlot[visit]!] ?? 0]!;
      counts.sessions += 1;
      counts.bounces += bounced[visit]!;
      counts.engaged += engaged[visit]!;
      counts.seconds += seconds[visit]!;
    }
  }

  function addHits(
    block: ActivityBlock,
    passed: Uint8Array | undefined,
    numbers: Uint32Array | undefined,
  ): void {
    const { hits, activity } = block;
    if (hits === undefined) return;
    const { kinds } = hits;
    const isWanted = passKinds(kinds, filters.events);
    const groupOfVisit = visitGroups(block);
    const groupOfSlot = slotGroups(block);
    const eventDimension = groupsByEvent(grouping) ? grouping.dimension : undefined;
    // A page is what page views have; other events are on none.
    const groupOfKind =
      eventDimension === undefined
        ? undefined
        : kinds.map((kind, index) =>
            !isWanted[index] || (eventDimension === 'page' && kind.type !== 'pageview')
              ? undefined
              : groupFor(valueOf(kind, eventDimension)),
          );
    for (let at = 0; at < hits.count; at += 1) {
      const kind = hits.kind[at]!;
      if (!isWanted[kind]!) continue;
      const cell: number = hits.activity[at]!;
      const visit = activity.visit[cell]!;
      if (passed !== undefined && passed[visit] === 0) continue;
      const group =
        groupOfKind === undefined
          ? (groupOfVisit?.[visit] ?? groupOfSlot?.[activity.slot[cell]!] ?? 0)
          : groupOfKind[kind];
      if (group === undefined) continue;
      const counts = groups[group]!;
      counts.events += hits.times[at]!;
      if (kinds[kind]!.type === 'pageview') counts.pageviews += hits.times[at]!;
      const person = activity.person[cell]!;
      if (numbers === undefined || person === nobody) continue;
      countPerson(block, person, numbers[person]!, group);
    }
  }

  function visitGroups(block: ActivityBlock): Uint32Array | undefined {
    if (grouping.by !== 'dimension' || !isVisitDimension(grouping.dimension)) return undefined;
    const { codes, values: texts } = block.dimensions[grouping.dimension]!;
    const groupOfCode = texts.map(groupFor);
    return Uint32Array.from(codes, (code) => groupOfCode[code]!);
  }

  function slotGroups({ startsAt, slotLength, slots }: ActivityBlock): Uint32Array | undefined {
    if (grouping.by !== 'time') return undefined;
    const { edges } = grouping;
    let bucket = findBucket(edges, startsAt);
    return Uint32Array.from({ length: slots }, (_, slot) => {
      const at = startsAt + slot * slotLength;
      while (at >= edges[bucket + 1]! && bucket < edges.length - 2) bucket += 1;
      return bucket;
    });
  }

  function groupFor(value: string | null): number {
    let group = groupOf.get(value);
    if (group === undefined) {
      group = groups.length;
      groupOf.set(value, group);
      groups.push(noCounts());
      values.push(value);
    }
    return group;
  }
}

function groupsByEvent(
  grouping: Grouping,
): grouping is Grouping & { readonly by: 'dimension'; readonly dimension: EventDimension } {
  return grouping.by === 'dimension' && !isVisitDimension(grouping.dimension);
}

/** The last bucket that begins at or before a time. */
function findBucket(edges: readonly number[], time: number): number {
  let low = 0;
  let high = edges.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (edges[middle]! <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}

function noCounts(): Counts {
  return {
    events: 0,
    pageviews: 0,
    people: 0,
    newPeople: 0,
    identifiedPeople: 0,
    sessions: 0,
    bounces: 0,
    engaged: 0,
    seconds: 0,
  };
}
