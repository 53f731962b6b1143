import { describe, expect, it } from 'vitest';

import { guessSite } from './guess-site.ts';

function lines(count: number, target: string, referrer: string): string[] {
  return Array.from(
    { length: count },
    () =>
      `203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET ${target} HTTP/1.1" 200 1 "${referrer}" "Mozilla/5.0 (X11)"`,
  );
}

describe('guessSite', () => {
  it('takes the site whose pages load most of the assets', () => {
    expect(
      guessSite([
        ...lines(15, '/logo.png', 'https://www.shop.example/'),
        ...lines(10, '/style.css', 'https://shop.example/pricing'),
        ...lines(9, '/logo.png', 'https://forum.example/topic'),
        ...lines(90, '/pricing', 'https://search.example/'),
      ]),
    ).toBe('https://www.shop.example');
  });

  it('keeps scheme and port', () => {
    expect(guessSite(lines(20, '/app.js', 'http://localhost:8080/'))).toBe('http://localhost:8080');
  });

  it('says nothing where too little or nothing clear speaks for a site', () => {
    expect(guessSite(lines(19, '/app.js', 'https://shop.example/'))).toBeUndefined();
    expect(guessSite(lines(50, '/app.js', '-'))).toBeUndefined();
    expect(guessSite(lines(50, '/pricing', 'https://search.example/'))).toBeUndefined();
    expect(
      guessSite([
        ...lines(30, '/a.png', 'https://one.example/'),
        ...lines(30, '/a.png', 'https://two.example/'),
      ]),
    ).toBeUndefined();
    expect(guessSite(['', 'no line of a log'])).toBeUndefined();
  });
});
