import { packIds } from './activity-block.ts';
import type { ActivityBlock, PersonRow } from './activity-block.ts';
import { createIdNumbers } from './number-set.ts';

/** Puts right who visitors are, in hours that were made before that changed. */
export function presentPeople(
  changed: readonly PersonRow[],
): (block: ActivityBlock) => ActivityBlock {
  if (changed.length === 0) return (block) => block;
  const numbers = createIdNumbers();
  const visitors = words(packIds(changed.map((row) => row.visitorId)));
  const people = packIds(changed.map((row) => row.personId));
  for (let at = 0; at < changed.length; at += 1) numbers.numberOf(visitors, at * 4);
  return (block) => {
    const { count, visitors: own } = block.people;
    const ownWords = words(own);
    let present: ActivityBlock['people'] | undefined;
    for (let at = 0; at < count; at += 1) {
      const number = numbers.find(ownWords, at * 4);
      if (number === undefined) continue;
      // Without the numbers that an earlier report remembers there: they say who people were then.
      present ??= {
        count,
        visitors: own,
        people: block.people.people.slice(),
        firstSeen: block.people.firstSeen.slice(),
        identified: block.people.identified.slice(),
      };
      present.people.set(people.subarray(number * 16, number * 16 + 16), at * 16);
      present.firstSeen[at] = changed[number]!.firstSeen;
      present.identified[at] = Number(changed[number]!.identified);
    }
    return present === undefined ? block : { ...block, people: present };
  };
}

function words(ids: Uint8Array): Uint32Array {
  return new Uint32Array(ids.buffer, ids.byteOffset, ids.byteLength / 4);
}
