import { describe, expect, it } from 'vitest';

import { createRecentMap } from './recent-map.ts';

describe('createRecentMap', () => {
  it('remembers what was asked for lately, and no more than its size', () => {
    const map = createRecentMap<number>(4);
    for (let number = 0; number < 100; number += 1) {
      map.set(`number ${number}`, number);
      expect(map.get('number 0')).toBe(0);
    }
    expect(map.get('number 99')).toBe(99);
    expect(map.get('number 50')).toBeUndefined();
    expect([...map.entries()].length).toBeLessThanOrEqual(4);
  });

  it('has the newest value of a key, once', () => {
    const map = createRecentMap<number>(4);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    expect(map.get('a')).toBe(3);
    expect(new Map(map.entries())).toEqual(
      new Map([
        ['a', 3],
        ['b', 2],
      ]),
    );
    expect([...map.entries()]).toHaveLength(2);
  });

  it('forgets what is deleted, wherever it was', () => {
    const map = createRecentMap<number>(4);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    map.delete('a');
    expect(map.get('a')).toBeUndefined();
    map.clear();
    expect(map.get('b')).toBeUndefined();
  });
});
