import { describe, expect, it } from 'vitest';

import { createOccurrences } from './occurrences.ts';

describe('createOccurrences', () => {
  const number = (records: readonly string[], rememberedMax?: number) => {
    const occurrenceOf = createOccurrences(rememberedMax);
    return records.map((record) => occurrenceOf(Buffer.from(record)).number);
  };

  it('numbers identical records', () => {
    expect(number(['a', 'b', 'a', 'a', 'b', 'c'])).toEqual([1, 1, 2, 3, 2, 1]);
  });

  it('knows records by their content', () => {
    const digests = ['a', 'b', 'a'].map(
      (record) => createOccurrences()(Buffer.from(record)).digest,
    );
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(digests[2]).toBe(digests[0]);
    expect(digests[1]).not.toBe(digests[0]);
  });

  it('forgets what was not seen for the longest time', () => {
    expect(number(['a', 'b', 'a', 'c', 'a', 'b'], 2)).toEqual([1, 1, 2, 1, 3, 1]);
  });
});
