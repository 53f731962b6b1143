import { describe, expect, it } from 'vitest';

import { normaliseHost } from './domain.ts';

describe('normaliseHost', () => {
  it.each([
    ['Example.COM', 'example.com'],
    ['example.com.', 'example.com'],
    ['example.com:8080', 'example.com:8080'],
    ['example.com:80', 'example.com'],
    ['example.com:443', 'example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['localhost:4400', 'localhost:4400'],
    ['127.0.0.1:4400', '127.0.0.1:4400'],
    ['', undefined],
    ['https://example.com', undefined],
    ['example.com/path', undefined],
    ['user@example.com', undefined],
    ['exa mple.com', undefined],
    ['example.com\r\nx: y', undefined],
    ['-example.com', undefined],
    ['under_score.example', undefined],
    ['a'.repeat(64) + '.example', undefined],
    ['example.com:99999', undefined],
  ])('brings %j into %j', (input, expected) => {
    expect(normaliseHost(input)).toBe(expected);
  });
});
