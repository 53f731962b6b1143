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
  add(key: HourKey, part: HourPart, bytes: Uint8Array | null): Decoded | 'empty';
}

export interface HourKey {
  readonly workspaceId: string;
  readonly hour: number;
  readonly revision: string;
}

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
  return {
    find: (key, part) => cache.get(name(key, part)),
    add(key, part, bytes) {
      const decoded = bytes === null ? 'empty' : decode(part, bytes);
      cache.set(name(key, part), decoded, {
        size: overheadBytes + (bytes === null ? 0 : bytes.byteLength * widening),
      });
      return decoded;
    },
  };
}

function decode(part: HourPart, bytes: Uint8Array): Decoded {
  switch (part) {
    case 'people':
      return decodePeople(bytes);
    case 'visits':
      return decodeVisits(bytes);
    case 'activity':
      return decodeActivity(bytes);
    case 'hits':
      return decodeHits(bytes);
    default:
      return decodeDimension(bytes);
  }
}
