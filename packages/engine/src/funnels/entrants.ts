import { nobody } from '../analytics/activity-block.ts';
import type { ActivityBlock, HitKind } from '../analytics/activity-block.ts';
import { createCodeMemo } from '../analytics/code-memo.ts';
import type { IdNumbers } from '../analytics/number-set.ts';
import { numberPeople } from '../analytics/tally.ts';
import { day, second } from '../kernel/clock.ts';
import { notSet } from '../reports/dimension.ts';
import type { VisitDimension } from '../reports/dimension.ts';
import type { CheckedDefinition } from './funnel.ts';
import {
  combineVerdicts,
  judgeKind,
  createVisitJudge,
  matchVisits,
  verdict,
} from './step-verdict.ts';
import type { Verdict } from './step-verdict.ts';

/** Who entered a funnel, as far as the hours that are kept can tell. */
export interface Entrants {
  /** Who may have come further, or may have entered: what they did has to be read. Their ids. */
  readonly open: readonly string[];
  /** Everybody else who entered, by the dimension of the visit of their entry. */
  readonly settled: ReadonlyMap<string, number>;
}

/** Tells people apart, block by block in the order of time. */
export interface EntrantTally {
  add(block: ActivityBlock): void;
  finish(): Entrants;
}

/**
 * Everybody is settled who certainly entered and certainly did nothing after it that the second step asks for. Hours
 * know times by their slots only; where that is too little to tell, somebody is open, and what they did is read.
 */
export function createEntrantTally({
  definition: { steps, window, scope, filters },
  from,
  to,
  dimension,
  people,
}: {
  readonly definition: CheckedDefinition;
  /** Milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly dimension: VisitDimension | undefined;
  readonly people: IdNumbers;
}): EntrantTally {
  const [entry, next] = [steps[0]!, steps[1]!];
  const windowSeconds = (window.days * day) / second;
  const judge = [entry, next].map((step) => ({
    kinds: createCodeMemo((kind: HitKind) => judgeKind(step, kind)),
    visits: createVisitJudge(step),
  }));
  const pass = matchVisits(filters);
  const groupsOfValues = createCodeMemo((value: string | null) => groupFor(value ?? notSet));
  const groups: string[] = [];
  const groupAt = new Map<string, number>();
  const settled: number[] = [];
  const open: string[] = [];
  // Of each person by number. Times are the seconds at which slots begin or end; 0 is none.
  let state = createState(1 << 16);

  return {
    add(block) {
      const { hits, activity } = block;
      if (hits === undefined) return;
      const numbers = numberPeople(block.people, people);
      if (people.size() > state.open.length) state = createState(people.size() * 2, state);
      const [entryOfKind, nextOfKind] = judge.map(({ kinds }) => kinds(hits.kinds, hits.kind));
      const [entryOfVisit, nextOfVisit] = judge.map(({ visits }) => visits(block));
      const passed = pass(block);
      const groupOfVisit = groupsOf(block);
      const periodOfSlot = slotsOf(block).map(({ begins, ends }) => judgePeriod(begins, ends));
      const { startsAt, slotLength } = block;
      for (let at = 0; at < hits.count; at += 1) {
        const kind = hits.kind[at]!;
        let enters = entryOfKind![kind] as Verdict;
        let goesOn = nextOfKind![kind] as Verdict;
        if (entryOfVisit === undefined && nextOfVisit === undefined && enters === 0 && goesOn === 0)
          continue;
        const cell: number = hits.activity[at]!;
        const visit = activity.visit[cell]!;
        const who: number = activity.person[cell]!;
        if (who === nobody || (scope === 'session' && visit === 0)) continue;
        if (entryOfVisit !== undefined)
          enters = combineVerdicts(entry.combine, [enters, entryOfVisit[visit] as Verdict]);
        if (nextOfVisit !== undefined)
          goesOn = combineVerdicts(next.combine, [goesOn, nextOfVisit[visit] as Verdict]);
        const slot = activity.slot[cell]!;
        enters = Math.min(enters, periodOfSlot[slot]!, passed?.[visit] === 0 ? 0 : 2) as Verdict;
        if (enters === verdict.no && goesOn === verdict.no) continue;
        const person = numbers[who]!;
        if (state.open[person] === 1) continue;
        const begins = (startsAt + slot * slotLength) / second;
        const ends = begins + slotLength / second;
        const isOpen =
          (goesOn !== verdict.no && mayFollow(person, begins)) ||
          (enters !== verdict.no && mayGoOn(person, begins, goesOn, hits.times[at]!)) ||
          (enters !== verdict.no &&
            mayEnterElsewhere(person, begins, enters, groupOfVisit?.[visit] ?? 0));
        if (isOpen) {
          state.open[person] = 1;
          open.push(idAt(block.people.people, who));
          continue;
        }
        if (enters !== verdict.no) state.lastEntryEnds[person] = ends;
        if (goesOn !== verdict.no) state.lastNextBegins[person] = begins;
      }
    },
    finish() {
      const counts = new Map<string, number>();
      for (const person of settled) {
        if (state.open[person] === 1) continue;
        const value = groups[state.group[person]!] ?? '';
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      return { open, settled: counts };
    },
  };

  /** Whether what the second step asks for comes after an entry, or in the same slot, while the window is open. */
  function mayFollow(person: number, begins: number): boolean {
    const entered = state.lastEntryEnds[person]!;
    return entered !== 0 && begins <= entered + windowSeconds;
  }

  /** Whether this entry may come before what the second step asks for, in the same slot. */
  function mayGoOn(person: number, begins: number, goesOn: Verdict, times: number): boolean {
    return state.lastNextBegins[person]! >= begins || (goesOn !== verdict.no && times > 1);
  }

  /** Notes the first certain entry. Where it is not known which visit that was, or whether it was, nobody is settled. */
  function mayEnterElsewhere(
    person: number,
    begins: number,
    enters: Verdict,
    group: number,
  ): boolean {
    const first = state.firstEntryBegins[person]!;
    if (first !== 0) return first === begins && state.group[person] !== group;
    if (enters === verdict.perhaps) return true;
    state.firstEntryBegins[person] = begins;
    state.group[person] = group;
    settled.push(person);
    return false;
  }

  function judgePeriod(begins: number, ends: number): Verdict {
    if (ends <= from || begins >= to) return verdict.no;
    return begins >= from && ends <= to ? verdict.yes : verdict.perhaps;
  }

  function groupsOf(block: ActivityBlock): Uint32Array | undefined {
    if (dimension === undefined) return undefined;
    const { codes, values } = block.dimensions[dimension]!;
    const ofCode = groupsOfValues(values, codes);
    return codes.map((code) => ofCode[code]!);
  }

  function groupFor(value: string): number {
    let group = groupAt.get(value);
    if (group === undefined) {
      group = groups.length;
      groups.push(value);
      groupAt.set(value, group);
    }
    return group;
  }
}

function slotsOf({ startsAt, slotLength, slots }: ActivityBlock) {
  return Array.from({ length: slots }, (_, slot) => ({
    begins: startsAt + slot * slotLength,
    ends: startsAt + (slot + 1) * slotLength,
  }));
}

interface State {
  readonly open: Uint8Array;
  readonly group: Uint32Array;
  readonly firstEntryBegins: Uint32Array;
  readonly lastEntryEnds: Uint32Array;
  readonly lastNextBegins: Uint32Array;
}

function createState(length: number, before?: State): State {
  const state = {
    open: new Uint8Array(length),
    group: new Uint32Array(length),
    firstEntryBegins: new Uint32Array(length),
    lastEntryEnds: new Uint32Array(length),
    lastNextBegins: new Uint32Array(length),
  };
  if (before === undefined) return state;
  for (const name of Object.keys(state) as Array<keyof State>) state[name].set(before[name]);
  return state;
}

function idAt(ids: Uint8Array, index: number): string {
  const hex = Buffer.from(ids.buffer, ids.byteOffset + index * 16, 16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
