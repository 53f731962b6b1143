import { describe, expect, it } from 'vitest';

import { wilsonInterval } from './wilson-interval.ts';

describe('wilsonInterval', () => {
  it.each([
    [0, 10],
    [5, 10],
    [42, 1_000],
    [10, 10],
  ])('ends for %i in %i where the true rate would be 1.96 of its own deviations away', (k, n) => {
    const { low, high } = wilsonInterval(k, n)!;
    for (const bound of [low, high].filter((rate) => rate > 0 && rate < 0.999_999))
      expect(Math.abs(k / n - bound) / Math.sqrt((bound * (1 - bound)) / n)).toBeCloseTo(1.96, 3);
    expect(low).toBeLessThanOrEqual(k / n);
    expect(high).toBeGreaterThanOrEqual(k / n);
  });

  it('says that none in ten may well be one in four', () => {
    expect(wilsonInterval(0, 10)!.high).toBeCloseTo(0.2775, 4);
  });

  it('knows nothing without trials', () => {
    expect(wilsonInterval(0, 0)).toBeUndefined();
  });
});
