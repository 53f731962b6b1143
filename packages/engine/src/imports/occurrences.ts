import { hash } from 'node:crypto';

/** Which of several identical records this one is. */
export interface Occurrence {
  /** SHA-256 of the record, in hex. */
  readonly digest: string;
  /** 1 for the first one. */
  readonly number: number;
}

/**
 * Tells identical records apart by numbering them. Two requests may leave the same line (a reload within a second), and
 * both happened; the line of a file that is read again is the same request. So the identity of a record is its content
 * and which of its like it is within its file: a second run, a run that continues another one, a log that has grown
 * since, and a rotated file that overlaps with one that was read, all find what is there.
 *
 * The price: of identical lines on both sides of a rotation only one side counts, because nothing tells them from an
 * overlap.
 *
 * Identical lines of a log bear the same second and so stand close together. The last 262,144 different records are
 * remembered, and a repetition from further away is taken for the first one: memory stays bounded, and each run numbers
 * alike.
 */
export function createOccurrences(rememberedMax = 262_144): (record: Uint8Array) => Occurrence {
  const numbers = new Map<string, number>();
  return (record) => {
    const digest = hash('sha256', record, 'hex');
    const number = (numbers.get(digest) ?? 0) + 1;
    // A map keeps the order of insertion: what was seen last stays longest.
    numbers.delete(digest);
    numbers.set(digest, number);
    if (numbers.size > rememberedMax) numbers.delete(numbers.keys().next().value!);
    return { digest, number };
  };
}
