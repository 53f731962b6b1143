import { nobody, noSlot } from './activity-block.ts';
import type { ActivityBlock, HitKind, PeopleColumns } from './activity-block.ts';
import { isVisitDimension } from './dimension.ts';
import type { EventDimension, VisitDimension } from './dimension.ts';
import { createVisitFilter, passesKind, valueOf } from './filter.ts';
import type { Filters } from './filter.ts';
import { createCodeMemo } from './code-memo.ts';
import { createCounts } from './counts.ts';
import type { IdNumbers } from './number-set.ts';
import type { ReportWindow } from './report-window.ts';
import { createLatestGroups, createSeenGroups } from './seen-groups.ts';

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

export function createTally({
  grouping,
  filters,
  window,
  people,
  countsVisits = true,
}: {
  readonly grouping: Grouping;
  readonly filters: Filters;
  readonly window: ReportWindow;
  /** Absent where people are not counted. */
  readonly people: IdNumbers | undefined;
  /** @default true */
  readonly countsVisits?: boolean;
}): Tally {
  const counts = createCounts();
  const values: Array<string | null> = [];
  const pass = createVisitFilter(filters.visits);
  /** The group of each kind, or what to do with its hits. */
  const groupsOfKinds = createCodeMemo((kind: HitKind) =>
    passesKind(kind, filters.events) ? groupOfKind(kind) : leftOut,
  );
  const pageviewKinds = createCodeMemo(({ type }: HitKind) => Number(type === 'pageview'));
  const groupsOfValues = createCodeMemo(groupFor);
  const groupOf = new Map<string | null, number>();
  const seen =
    grouping.by === 'dimension'
      ? createSeenGroups(people?.size())
      : createLatestGroups(people?.size());
  const newSince = window.from / 1_000;
  if (grouping.by !== 'dimension') {
    const count = grouping.by === 'time' ? grouping.edges.length - 1 : 1;
    for (let group = 0; group < count; group += 1) {
      counts.add();
      values.push(null);
    }
  }
  const needsHits = filters.events.length > 0 || groupsByEvent(grouping);

  return {
    add(block) {
      const passed = pass(block);
      const numbers = people && numberPeople(block.people, people);
      if (needsHits) addHits(block, passed, numbers);
      else addActivity(block, passed, numbers);
      if (!needsHits && countsVisits) addVisits(block, passed);
    },
    groups: () => values.map((value, group) => ({ value, ...counts.of(group) })),
  };

  function addActivity(
    block: ActivityBlock,
    passed: Uint8Array | undefined,
    numbers: Uint32Array | undefined,
  ): void {
    const { count, visit, person, slot, events, pageviews } = block.activity;
    const { firstSeen, identified } = block.people;
    const ofCode = codeGroups(block);
    const groupOfSlot = slotGroups(block);
    const columns = counts.columns();
    for (let at = 0; at < count; at += 1) {
      const of = visit[at]!;
      if (passed !== undefined && passed[of] === 0) continue;
      const group =
        ofCode !== undefined
          ? ofCode.groups[ofCode.codes[of]!]!
          : groupOfSlot !== undefined
            ? groupOfSlot[slot[at]!]!
            : 0;
      columns.events[group]! += events[at]!;
      columns.pageviews[group]! += pageviews[at]!;
      const who = person[at]!;
      if (numbers === undefined || who === nobody || !seen.add(numbers[who]!, group)) continue;
      columns.people[group]! += 1;
      columns.identifiedPeople[group]! += identified[who]!;
      if (firstSeen[who]! >= newSince) columns.newPeople[group]! += 1;
    }
  }

  function addVisits(block: ActivityBlock, passed: Uint8Array | undefined): void {
    const { count, startSlot, seconds, bounced, engaged } = block.visits;
    const ofCode = codeGroups(block);
    const groupOfSlot = slotGroups(block);
    const columns = counts.columns();
    for (let visit = 0; visit < count; visit += 1) {
      const start = startSlot[visit]!;
      if (start === noSlot || (passed !== undefined && passed[visit] === 0)) continue;
      const group =
        ofCode !== undefined
          ? ofCode.groups[ofCode.codes[visit]!]!
          : groupOfSlot !== undefined
            ? groupOfSlot[start]!
            : 0;
      columns.sessions[group]! += 1;
      columns.bounces[group]! += bounced[visit]!;
      columns.engaged[group]! += engaged[visit]!;
      columns.seconds[group]! += seconds[visit]!;
    }
  }

  function addHits(
    block: ActivityBlock,
    passed: Uint8Array | undefined,
    numbers: Uint32Array | undefined,
  ): void {
    const { hits, activity } = block;
    if (hits === undefined) return;
    const { firstSeen, identified } = block.people;
    const ofKind = groupsOfKinds(hits.kinds, hits.kind);
    const isPageview = pageviewKinds(hits.kinds, hits.kind);
    const ofCode = codeGroups(block);
    const groupOfSlot = slotGroups(block);
    const columns = counts.columns();
    for (let at = 0; at < hits.count; at += 1) {
      const kind = hits.kind[at]!;
      let group = ofKind[kind]!;
      if (group === leftOut) continue;
      const cell: number = hits.activity[at]!;
      const visit = activity.visit[cell]!;
      if (passed !== undefined && passed[visit] === 0) continue;
      if (group === ofItsVisit)
        group =
          ofCode !== undefined
            ? ofCode.groups[ofCode.codes[visit]!]!
            : groupOfSlot !== undefined
              ? groupOfSlot[activity.slot[cell]!]!
              : 0;
      columns.events[group]! += hits.times[at]!;
      columns.pageviews[group]! += hits.times[at]! * isPageview[kind]!;
      const who = activity.person[cell]!;
      if (numbers === undefined || who === nobody || !seen.add(numbers[who]!, group)) continue;
      columns.people[group]! += 1;
      columns.identifiedPeople[group]! += identified[who]!;
      if (firstSeen[who]! >= newSince) columns.newPeople[group]! += 1;
    }
  }

  /** A page is what page views have; other events are on none. */
  function groupOfKind(kind: HitKind): number {
    if (!groupsByEvent(grouping)) return ofItsVisit;
    if (grouping.dimension === 'page' && kind.type !== 'pageview') return leftOut;
    return groupFor(valueOf(kind, grouping.dimension));
  }

  /** The code of each visit of a block, and the group of each code. */
  function codeGroups(block: ActivityBlock) {
    if (grouping.by !== 'dimension' || !isVisitDimension(grouping.dimension)) return undefined;
    const { codes, values: texts } = block.dimensions[grouping.dimension]!;
    return { codes, groups: groupsOfValues(texts, codes) };
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
      group = counts.add();
      groupOf.set(value, group);
      values.push(value);
    }
    return group;
  }
}

const leftOut = -1;
const ofItsVisit = -2;

/** The numbers of the people of a block; worked out once. */
export function numberPeople(columns: PeopleColumns, by: IdNumbers): Uint32Array {
  if (columns.numbered?.by === by) return columns.numbered.numbers;
  const { people, count } = columns;
  const words = new Uint32Array(people.buffer, people.byteOffset, count * 4);
  const numbers = new Uint32Array(count);
  for (let at = 0; at < count; at += 1) numbers[at] = by.numberOf(words, at * 4);
  columns.numbered = { by, numbers };
  return numbers;
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
