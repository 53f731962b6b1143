import { describe, expect, it } from 'vitest';

import { findJsonProblem } from './json-limits.ts';

describe('findJsonProblem', () => {
  it.each([[null], [1], ['text 漢字 🙂'], [[]], [{ a: [{ b: null }] }]])(
    'finds none in %j',
    (value) => {
      expect(findJsonProblem(value)).toBeUndefined();
    },
  );

  it.each<[name: string, value: unknown, path: Array<string | number>]>([
    ['NUL in a text', { a: ['ok', 'x\0'] }, ['a', 1]],
    ['NUL in a name', { 'x\0': 1 }, ['x\0']],
    ['half a surrogate pair', { a: '\udc00' }, ['a']],
    ['a number that is none', [Number.POSITIVE_INFINITY], [0]],
    ['a prototype', JSON.parse('{"a":{"__proto__":{}}}'), ['a', '__proto__']],
  ])('finds %s and where it is', (_name, value, path) => {
    expect(findJsonProblem(value)?.path).toEqual(path);
  });

  it('allows its depth and no more', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(findJsonProblem(nested(32))).toBeUndefined();
    expect(findJsonProblem(nested(33))?.message).toContain('32 levels');
  });
});
