import { LRUCache } from 'lru-cache';

import type { ActivityBlock } from './activity-block.ts';
import {
  decodeActivity,
  decodeDimension,
  decodeHits,
  decodePeople,
  decodeVisits,
} from './activity-codec.ts';
import type { HourPart } from './activity-codec.ts';
import { createKindNumbers } from './kind-numbers.ts';
import type { KindNumbers } from './kind-numbers.ts';
import { createValueNumbers } from './value-numbers.ts';
import type { ValueNumbers } from './value-numbers.ts';
import { createIdNumbers } from './number-set.ts';
import type { IdNumbers } from './number-set.ts';

type Decoded = NonNullable<
  | ActivityBlock['people']
  | ActivityBlock['visits']
  | ActivityBlock['activity']
  | ActivityBlock['hits']
  | ActivityBlock['dimensions'][keyof ActivityBlock['dimensions']]
>;

/** The parts of an hour that reports have read; an hour that was made again begins with none. */
export interface CachedHour {
  readonly parts: Partial<Record<HourPart, Decoded | 'empty'>>;
  add(part: HourPart, bytes: Uint8Array | null): void;
}

export interface HourCache {
  hour(workspaceId: string, hour: number, revision: string): CachedHour;
  /** By which people are numbered, the same ones for all reports until there are too many. */
  people(): IdNumbers;
}

/** At 28 bytes each. */
const peopleMax = 4_000_000;
const kindsMax = 500_000;
/** Of one dimension. */
const valuesMax = 500_000;
const megabyte = 1024 * 1024;
/** What an hour takes beside its columns. */
const overheadBytes = 500;
/** Numbers of one byte are kept as four. */
const widening = 4;

/** @param megabytes how much of what was read last is kept */
export function createHourCache(megabytes = 128): HourCache {
  const cache = new LRUCache<string, CachedHour & { readonly revision: string }>({
    maxSize: megabytes * megabyte,
  });
  let people = createIdNumbers();
  let kinds = createKindNumbers();
  const values = new Map<HourPart, ValueNumbers>();
  function valuesOf(part: HourPart): ValueNumbers {
    let numbers = values.get(part);
    if (numbers === undefined || numbers.values.length > valuesMax) {
      numbers = createValueNumbers();
      values.set(part, numbers);
    }
    return numbers;
  }
  return {
    people() {
      if (people.size() > peopleMax) people = createIdNumbers();
      return people;
    },
    hour(workspaceId, hour, revision) {
      const key = `${workspaceId} ${hour}`;
      const known = cache.get(key);
      if (known?.revision === revision) return known;
      let size = overheadBytes;
      const made = {
        revision,
        parts: {} as CachedHour['parts'],
        add(part: HourPart, bytes: Uint8Array | null): void {
          if (kinds.kinds.length > kindsMax) kinds = createKindNumbers();
          made.parts[part] = bytes === null ? 'empty' : decode(part, bytes, { kinds, valuesOf });
          size += bytes === null ? 0 : bytes.byteLength * widening;
          // Only the one that is kept counts: another report may have replaced it.
          if (cache.peek(key) === made) cache.set(key, made, { size });
        },
      };
      cache.set(key, made, { size });
      return made;
    },
  };
}

function decode(
  part: HourPart,
  bytes: Uint8Array,
  { kinds, valuesOf }: { readonly kinds: KindNumbers; valuesOf(part: HourPart): ValueNumbers },
): Decoded {
  if (part === 'people') return decodePeople(bytes);
  if (part === 'visits') return decodeVisits(bytes);
  if (part === 'activity') return decodeActivity(bytes);
  return part === 'hits' ? decodeHits(bytes, kinds) : decodeDimension(bytes, valuesOf(part));
}
