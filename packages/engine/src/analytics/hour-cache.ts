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
import { createIdNumbers } from './number-set.ts';
import type { IdNumbers } from './number-set.ts';

type Decoded = NonNullable<
  | ActivityBlock['people']
  | ActivityBlock['visits']
  | ActivityBlock['activity']
  | ActivityBlock['hits']
  | ActivityBlock['dimensions'][keyof ActivityBlock['dimensions']]
>;

/** Parts of hours as reports read them. An hour that is made again has another revision, and so other parts. */
export interface HourCache {
  find(key: HourKey, part: HourPart): Decoded | 'empty' | undefined;
  /** By which people are numbered, the same ones for all reports until there are too many. */
  people(): IdNumbers;
  add(key: HourKey, part: HourPart, bytes: Uint8Array | null): Decoded | 'empty';
}

export interface HourKey {
  readonly workspaceId: string;
  readonly hour: number;
  readonly revision: string;
}

/** At 28 bytes each. */
const peopleMax = 4_000_000;
const kindsMax = 500_000;
const megabyte = 1024 * 1024;
/** What an entry takes beside its columns. */
const overheadBytes = 300;
/** Numbers of one byte are kept as four. */
const widening = 4;

/** @param megabytes how much of what was read last is kept */
export function createHourCache(megabytes = 128): HourCache {
  const cache = new LRUCache<string, Decoded | 'empty'>({ maxSize: megabytes * megabyte });
  const name = ({ workspaceId, hour, revision }: HourKey, part: HourPart): string =>
    `${workspaceId} ${hour} ${revision} ${part}`;
  let people = createIdNumbers();
  let kinds = createKindNumbers();
  return {
    people() {
      if (people.size() > peopleMax) people = createIdNumbers();
      return people;
    },
    find: (key, part) => cache.get(name(key, part)),
    add(key, part, bytes) {
      if (kinds.kinds.length > kindsMax) kinds = createKindNumbers();
      const decoded = bytes === null ? 'empty' : decode(part, bytes, kinds);
      cache.set(name(key, part), decoded, {
        size: overheadBytes + (bytes === null ? 0 : bytes.byteLength * widening),
      });
      return decoded;
    },
  };
}

function decode(part: HourPart, bytes: Uint8Array, kinds: KindNumbers): Decoded {
  if (part === 'people') return decodePeople(bytes);
  if (part === 'visits') return decodeVisits(bytes);
  if (part === 'activity') return decodeActivity(bytes);
  return part === 'hits' ? decodeHits(bytes, kinds) : decodeDimension(bytes);
}
