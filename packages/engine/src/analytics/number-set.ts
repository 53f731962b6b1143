/** A set of pairs of small whole numbers, and of 16-byte ids: what distinct people are counted with. */

/** Which pairs were there before; `first` and `second` below 2^32. */
export interface PairSet {
  /** Whether the pair is new. */
  add(first: number, second: number): boolean;
}

const emptySlot = 0xff_ff_ff_ff;

/** Open addressing over typed arrays: a `Set` of texts or of numbers of 64 bits takes ten times as long. */
export function createPairSet(capacity = 1_024): PairSet {
  let size = 0;
  let mask = capacity - 1;
  let firsts = new Uint32Array(capacity).fill(emptySlot);
  let seconds = new Uint32Array(capacity);

  function insert(first: number, second: number): boolean {
    let at = mix(first, second) & mask;
    for (;;) {
      const there = firsts[at]!;
      if (there === emptySlot) {
        firsts[at] = first;
        seconds[at] = second;
        return true;
      }
      if (there === first && seconds[at] === second) return false;
      at = (at + 1) & mask;
    }
  }

  function grow(): void {
    const [oldFirsts, oldSeconds] = [firsts, seconds];
    const length = oldFirsts.length * 2;
    mask = length - 1;
    firsts = new Uint32Array(length).fill(emptySlot);
    seconds = new Uint32Array(length);
    for (let at = 0; at < oldFirsts.length; at += 1)
      if (oldFirsts[at] !== emptySlot) insert(oldFirsts[at]!, oldSeconds[at]!);
  }

  return {
    add(first, second) {
      if (size * 2 > mask) grow();
      if (!insert(first, second)) return false;
      size += 1;
      return true;
    },
  };
}

/** Gives each 16-byte id a number, from 0 on. */
export interface IdNumbers {
  readonly size: () => number;
  /** Of the id that begins at a word of an array, which gets one where it has none. */
  numberOf(words: Uint32Array, at: number): number;
  find(words: Uint32Array, at: number): number | undefined;
}

export function createIdNumbers(capacity = 4_096): IdNumbers {
  let size = 0;
  let mask = capacity - 1;
  let table = new Uint32Array(capacity).fill(emptySlot);
  let words = new Uint32Array(capacity * 2);

  function place(a: number, b: number, c: number, d: number): number {
    let at = mix(c, d) & mask;
    for (;;) {
      const id = table[at]!;
      if (id === emptySlot) return ~at;
      const word = id * 4;
      if (
        words[word + 3] === d &&
        words[word + 2] === c &&
        words[word + 1] === b &&
        words[word] === a
      )
        return id;
      at = (at + 1) & mask;
    }
  }

  function grow(): void {
    mask = mask * 2 + 1;
    table = new Uint32Array(mask + 1).fill(emptySlot);
    for (let id = 0; id < size; id += 1) {
      let at = mix(words[id * 4 + 2]!, words[id * 4 + 3]!) & mask;
      while (table[at] !== emptySlot) at = (at + 1) & mask;
      table[at] = id;
    }
    const more = new Uint32Array((mask + 1) * 2);
    more.set(words);
    words = more;
  }

  return {
    size: () => size,
    numberOf(source, at) {
      if (size * 2 > mask) grow();
      const a = source[at]!;
      const b = source[at + 1]!;
      const c = source[at + 2]!;
      const d = source[at + 3]!;
      const found = place(a, b, c, d);
      if (found >= 0) return found;
      table[~found] = size;
      words[size * 4] = a;
      words[size * 4 + 1] = b;
      words[size * 4 + 2] = c;
      words[size * 4 + 3] = d;
      size += 1;
      return size - 1;
    },
    find(source, at) {
      const found = place(source[at]!, source[at + 1]!, source[at + 2]!, source[at + 3]!);
      return found >= 0 ? found : undefined;
    },
  };
}

/** The finishing step of MurmurHash3 (https://github.com/aappleby/smhasher), over two numbers. */
function mix(first: number, second: number): number {
  let hash = Math.imul(first, 0x9e37_79b1) ^ second;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85eb_ca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
