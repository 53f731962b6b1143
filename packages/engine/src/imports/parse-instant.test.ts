import { describe, expect, it } from 'vitest';

import { parseInstant } from './parse-instant.ts';

describe('parseInstant', () => {
  it.each([
    ['2024-05-01T10:20:30Z', '2024-05-01T10:20:30.000Z'],
    ['2024-05-01 10:20:30', '2024-05-01T10:20:30.000Z'],
    ['2024-05-01 10:20:30 UTC', '2024-05-01T10:20:30.000Z'],
    ['2024-05-01T10:20', '2024-05-01T10:20:00.000Z'],
    ['2024-05-01', '2024-05-01T00:00:00.000Z'],
    ['2024-05-01T10:20:30.123456789+02:00', '2024-05-01T08:20:30.123Z'],
    ['2024-05-01 10:20:30,5-0530', '2024-05-01T15:50:30.500Z'],
    ['2024-05-01 10:20:30+02', '2024-05-01T08:20:30.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(parseInstant(text, 'iso', 'Z')?.toISOString()).toBe(expected);
  });

  it('takes the given zone for times that name none', () => {
    expect(parseInstant('2024-05-01 10:00', 'iso', '+02:00')?.toISOString()).toBe(
      '2024-05-01T08:00:00.000Z',
    );
    expect(parseInstant('2024-05-01T10:00Z', 'iso', '+02:00')?.toISOString()).toBe(
      '2024-05-01T10:00:00.000Z',
    );
  });

  it('reads seconds and milliseconds since 1970', () => {
    expect(parseInstant('1714558830', 'unix_seconds', 'Z')?.toISOString()).toBe(
      '2024-05-01T10:20:30.000Z',
    );
    expect(parseInstant('1714558830.25', 'unix_seconds', 'Z')?.getTime()).toBe(1_714_558_830_250);
    expect(parseInstant('1714558830123', 'unix_milliseconds', 'Z')?.getTime()).toBe(
      1_714_558_830_123,
    );
  });

  it.each([
    '',
    'yesterday',
    '01.05.2024',
    '05/01/2024',
    '2023-02-29',
    '2024-13-01',
    '2024-05-01 24:00',
    '2024-05-01T10:61Z',
    '1714558830',
  ])('finds no time of ISO 8601 in %j', (text) => {
    expect(parseInstant(text, 'iso', 'Z')).toBeUndefined();
  });

  it.each(['2024-05-01', '-5', '1e9', '9'.repeat(20)])('finds no number in %j', (text) => {
    expect(parseInstant(text, 'unix_seconds', 'Z')).toBeUndefined();
  });
});
