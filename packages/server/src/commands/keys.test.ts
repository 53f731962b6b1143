import { describe, expect, it } from 'vitest';

import { parseExpiry } from './keys.ts';

const now = Date.UTC(2026, 10, 21);

describe('parseExpiry', () => {
  it('reads dates and spans', () => {
    expect(parseExpiry('2027-01-31', now).toISOString()).toBe('2027-01-31T00:00:00.000Z');
    expect(parseExpiry('2027-01-31T12:00:00Z', now).toISOString()).toBe('2027-01-31T12:00:00.000Z');
    expect(parseExpiry('90d', now).toISOString()).toBe('2027-02-19T00:00:00.000Z');
    expect(parseExpiry('12h', now).toISOString()).toBe('2026-11-21T12:00:00.000Z');
  });

  it.each(['', 'soon', '12', '2027-13-01', '1y', '-3d'])('refuses %j', (text) => {
    expect(() => parseExpiry(text, now)).toThrow('--expires');
  });
});
