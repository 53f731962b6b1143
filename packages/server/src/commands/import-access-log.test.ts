import { describe, expect, it } from 'vitest';

import { parseMoment } from './import-access-log.ts';

describe('parseMoment', () => {
  it('reads days, which begin at midnight UTC, and moments with their zone', () => {
    expect(parseMoment('--since', '2015-05-18').toISOString()).toBe('2015-05-18T00:00:00.000Z');
    expect(parseMoment('--since', '2015-05-18T10:00:00Z').toISOString()).toBe(
      '2015-05-18T10:00:00.000Z',
    );
    expect(parseMoment('--since', '2015-05-18T10:00+02:00').toISOString()).toBe(
      '2015-05-18T08:00:00.000Z',
    );
  });

  it.each(['', 'yesterday', '2015-02-31', '2015-13-01', '2015-05-18T10:00:00', '18/May/2015'])(
    'refuses %j',
    (text) => {
      expect(() => parseMoment('--until', text)).toThrow('--until');
    },
  );
});
