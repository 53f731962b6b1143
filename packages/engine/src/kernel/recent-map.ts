/**
 * Remembers about the last `max` keys that were asked for, in two generations: what is asked for moves to the young one,
 * and when that is half of `max`, it becomes the old one and what was left there is forgotten. A question is one look into
 * a `Map`; a list of exactly the last ones would have to be mended with each, which costs several times as much.
 */
interface RecentMap<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
  /** Every key once, in no order. Keys may be deleted on the way. */
  entries(): Iterable<[key: string, value: Value]>;
  clear(): void;
}

export function createRecentMap<Value>(max: number): RecentMap<Value> {
  const generation = Math.ceil(max / 2);
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();

  function set(key: string, value: Value): void {
    young.set(key, value);
    if (young.size < generation) return;
    old = young;
    young = new Map();
  }

  return {
    set,
    get(key) {
      const value = young.get(key);
      if (value !== undefined) return value;
      const older = old.get(key);
      if (older !== undefined) set(key, older);
      return older;
    },
    delete(key) {
      young.delete(key);
      old.delete(key);
    },
    *entries() {
      yield* young;
      for (const entry of old) if (!young.has(entry[0])) yield entry;
    },
    clear() {
      young.clear();
      old.clear();
    },
  };
}
