import { describe, expect, it } from 'vitest';

import { formatLivePosition, parseLivePosition } from './live-position.ts';

const eventId = '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0';

describe('a live position', () => {
  it.each([
    '812:812:',
    '812:815:812,814',
    `812:815:812~820:820:~815~${eventId}~0`,
    `1:9223372036854775807:~1:2:1~1~${eventId}~1`,
  ])('comes back as it was written: %s', (text) => {
    const position = parseLivePosition(text);
    expect(position).toBeDefined();
    expect(formatLivePosition(position!)).toBe(text);
  });

  it.each([
    '',
    '7',
    '0:1:',
    '5:4:',
    '5:9:4',
    '5:9:9',
    '5:9:7,6',
    '5:9:6,6',
    '5:9223372036854775808:',
    '5:9:~5:9:',
    `5:9:~5:9:~6~${eventId}`,
    `5:9:~5:9:~6~${eventId}~2`,
    `5:9:~5:9:~6~${eventId}~0~1`,
    `5:9:~5:9:~6~${eventId.toUpperCase()}~0`,
    `5:9:~9:5:~6~${eventId}~0`,
    "5:9:'; select 1",
    '1'.repeat(9_000),
  ])('is nothing that no stream has said: %s', (text) => {
    expect(parseLivePosition(text)).toBeUndefined();
  });
});
