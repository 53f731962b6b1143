import { LRUCache } from 'lru-cache';
import { Reader } from 'mmdb-lib';

import type { Address } from './address.ts';

/** Finds records in the bytes of a database. The only file that knows the library, and loaded with the first use. */
export interface PlaceReader {
  readonly databaseType: string;
  readonly builtAt: Date;
  /** The part of the bytes that the tree of networks takes. */
  readonly treeBytes: number;
  find(address: Address): unknown;
}

/** Records that are not decoded again: a city is asked for more than once. */
const recordsRemembered = 10_000;

/** @throws the bytes are no database. */
export function createPlaceReader(content: Buffer): PlaceReader {
  const cache = new LRUCache<string | number, object>({ max: recordsRemembered });
  const reader = new Reader<never>(content, {
    cache: { get: (key) => cache.get(key), set: (key, value) => cache.set(key, value as object) },
  });
  const { databaseType, buildEpoch, searchTreeSize, ipVersion } = reader.metadata;
  return {
    databaseType,
    builtAt: buildEpoch,
    treeBytes: searchTreeSize,
    find: (address) =>
      // A tree for IPv4 would take the first bits of an IPv6 address for one of its own.
      address.family === 6 && ipVersion !== 6 ? undefined : (reader.get(address.text) ?? undefined),
  };
}
