import { describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { parseAccessLogLine } from './access-log-line.ts';
import type { AccessLogLine } from './access-log-line.ts';

const common =
  '203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET /pricing?plan=pro HTTP/1.1" 200 5120';
const combined = `${common} "https://search.example/?q=x" "Mozilla/5.0 (X11)"`;
const at = Date.UTC(2015, 4, 17, 10, 5, 3);

function read(text: string): AccessLogLine {
  const line = parseAccessLogLine(text);
  if (typeof line === 'string') throw new Error(`${line}: ${text}`);
  return line;
}

describe('parseAccessLogLine', () => {
  it('reads the combined format', () => {
    expect(read(combined)).toEqual({
      address: '203.0.113.9',
      at,
      request: { method: 'GET', target: '/pricing?plan=pro' },
      status: 200,
      referrer: 'https://search.example/?q=x',
      userAgent: 'Mozilla/5.0 (X11)',
    });
  });

  it('reads the common format, which says nothing of the user agent', () => {
    const line = read(common);
    expect(line).toMatchObject({ address: '203.0.113.9', at, status: 200 });
    expect(line).not.toHaveProperty('referrer');
    expect(line).not.toHaveProperty('userAgent');
  });

  it('tells a client without a user agent from a format without one', () => {
    const line = read(`${common} "-" "-"`);
    expect(line.userAgent).toBe('');
    expect(line).not.toHaveProperty('referrer');
  });

  it.each([
    ['www.shop.example:443 ', 'www.shop.example:443'],
    ['shop.example ', 'shop.example'],
    ['[2001:db8::1]:8080 ', '[2001:db8::1]:8080'],
    ['- ', undefined],
    ['_ ', undefined],
  ])('reads the virtual host of %j', (prefix, host) => {
    expect(read(prefix + combined)).toMatchObject({ address: '203.0.113.9' });
    expect(read(prefix + combined).host).toBe(host);
  });

  it.each([
    '2001:db8::7',
    '::1',
    '::ffff:203.0.113.9',
    'fe80::1%eth0',
    'client.isp.example',
    '203.0.113.9',
  ])('reads the client %s', (address) => {
    const line = read(combined.replace('203.0.113.9', address));
    expect(line.address).toBe(address);
    expect(line).not.toHaveProperty('host');
  });

  it.each([
    ['- alice', '203.0.113.9'],
    ['- Alice B. [x]', '203.0.113.9'],
    ['ident frank', '203.0.113.9'],
  ])('passes over the user %j', (user, address) => {
    expect(read(combined.replace('- -', user))).toMatchObject({ address, at });
  });

  it.each([
    ['+0000', at],
    ['-0000', at],
    ['+0530', at - 19_800_000],
    ['-0930', at + 34_200_000],
    ['+1400', at - 50_400_000],
  ])('reads the zone %s', (zone, expected) => {
    expect(read(combined.replace('+0000', zone)).at).toBe(expected);
  });

  it('reads a leap second and the days of a leap year', () => {
    expect(read(combined.replace('10:05:03', '23:59:60')).at).toBe(Date.UTC(2015, 4, 18));
    expect(read(combined.replace('17/May/2015', '29/Feb/2016')).at).toBe(
      Date.UTC(2016, 1, 29, 10, 5, 3),
    );
  });

  it.each([
    ['17/May/2015', '31/Feb/2015'],
    ['17/May/2015', '29/Feb/2015'],
    ['17/May/2015', '00/May/2015'],
    ['17/May/2015', '17/Mai/2015'],
    ['10:05:03', '24:05:03'],
    ['10:05:03', '10:60:03'],
    ['10:05:03', '10:05:61'],
    ['+0000', '+1600'],
    ['+0000', '+0060'],
  ])('refuses a time where %s is %s', (good, bad) => {
    expect(parseAccessLogLine(combined.replace(good, bad))).toBe('impossible_time');
  });

  it('reads escaped quotes and backslashes', () => {
    const line = read(`${common} "https://a.example/\\"x\\"" "The \\"best\\" \\\\ browser"`);
    expect(line.referrer).toBe('https://a.example/"x"');
    expect(line.userAgent).toBe('The "best" \\ browser');
  });

  it('reads bytes that the server escaped as UTF-8, and what is none as U+FFFD', () => {
    const line = read(`${common} "http://m\\xc3\\xbcnchen.example/" "\\xe4\\xe5 browser"`);
    expect(line.referrer).toBe('http://münchen.example/');
    expect(line.userAgent).toBe('\uFFFD\uFFFD browser');
  });

  it('keeps no control characters', () => {
    const line = read(`${common} "http://a.example/\\x00\\x1b[2J" "Browser\\n1\\x7f\u0085"`);
    expect(line.referrer).toBe('http://a.example/[2J');
    expect(line.userAgent).toBe('Browser 1');
  });

  it.each([
    ['"GET / HTTP/1.1"', { method: 'GET', target: '/' }],
    ['"GET /a b HTTP/1.1"', { method: 'GET', target: '/a b' }],
    ['"GET /"', { method: 'GET', target: '/' }],
    ['"OPTIONS * HTTP/1.1"', { method: 'OPTIONS', target: '*' }],
    ['"GET http://shop.example/a HTTP/2.0"', { method: 'GET', target: 'http://shop.example/a' }],
    ['"-"', undefined],
    ['""', undefined],
    ['"\\x16\\x03\\x01\\x02"', undefined],
  ])('reads the request %s', (quoted, request) => {
    expect(read(combined.replace('"GET /pricing?plan=pro HTTP/1.1"', quoted)).request).toEqual(
      request,
    );
  });

  it('takes a size that is not given, and fields of one’s own at the end', () => {
    expect(read(combined.replace('5120', '-'))).toMatchObject({ status: 200 });
    expect(read(`${combined} "203.0.113.1" 0.004`)).toEqual(read(combined));
  });

  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['hello', 'no_time'],
    ['{"remote_addr":"203.0.113.9"}', 'no_time'],
    [combined.replace('203.0.113.9 - -', '203.0.113.9'), 'no_client'],
    [combined.slice(combined.indexOf('[') - 1), 'no_client'],
    [combined.slice(0, combined.indexOf(' "GET')), 'no_request'],
    [combined.slice(0, combined.indexOf(' HTTP')), 'no_request'],
    [combined.slice(0, combined.indexOf(' 200')), 'no_status'],
    [combined.slice(0, combined.indexOf(' 5120')), 'no_status'],
    [combined.slice(0, combined.indexOf('?q=')), 'unfinished'],
    [combined.slice(0, -1), 'unfinished'],
    [`${common} "https://search.example/"`, 'unfinished'],
    [`${common} 17`, 'unfinished'],
  ])('refuses %j as %s', (text, problem) => {
    expect(parseAccessLogLine(text)).toBe(problem);
  });

  it('refuses every line that was cut off before its end', () => {
    for (let length = common.length + 1; length < combined.length; length += 1)
      expect(parseAccessLogLine(combined.slice(0, length))).toBe('unfinished');
  });

  it('reads or refuses any text, without throwing and in linear time', () => {
    const pieces = fc.constantFrom(
      combined,
      common,
      '"',
      '\\',
      '\\x',
      '\\xff',
      ' ',
      '[',
      ' [17/May/2015:10:05:03 +0000]',
      '\0',
      '\uD800',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        parseAccessLogLine(parts.join(''));
      }),
    );
    for (const part of ['"', '\\', ' ', ' [17/May/2015:10:05:03 +0000', 'a ', '\\x41', 'GET ']) {
      const startedAt = performance.now();
      parseAccessLogLine(`${common} "${part.repeat(60_000 / part.length)}`);
      parseAccessLogLine(part.repeat(60_000 / part.length));
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    }
  });
});
