import { describe, expect, it } from 'vitest';

import { normaliseRequestHost, readForwarded } from './forwarded.ts';

const direct = { host: 'inner:8080', scheme: 'http', remoteAddress: '10.0.0.1' } as const;

function forwarded(headers: Record<string, string>, trustProxy: boolean | number = true) {
  return readForwarded((name) => headers[name], direct, trustProxy);
}

describe('readForwarded', () => {
  it('keeps what it saw itself where the proxy says nothing', () => {
    expect(forwarded({})).toEqual(direct);
  });

  it('takes host, scheme and address of the client', () => {
    const headers = {
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-host': 'go.example',
      'x-forwarded-proto': 'https',
    };
    expect(forwarded(headers)).toEqual({
      host: 'go.example',
      scheme: 'https',
      remoteAddress: '203.0.113.7',
    });
  });

  it('believes the last hop, not what a client wrote before it', () => {
    expect(forwarded({ 'x-forwarded-for': '1.1.1.1, 203.0.113.7' }).remoteAddress).toBe(
      '203.0.113.7',
    );
    expect(forwarded({ 'x-forwarded-host': 'evil.example, go.example' }).host).toBe('go.example');
  });

  it('believes a private address that its own proxy saw, not what the client wrote before it', () => {
    expect(forwarded({ 'x-forwarded-for': '8.8.8.8, 10.0.0.7' }).remoteAddress).toBe('10.0.0.7');
  });

  it('believes as many hops as are trusted', () => {
    const headers = {
      'x-forwarded-for': '8.8.8.8, 203.0.113.7, 10.0.0.7',
      'x-forwarded-host': 'evil.example, go.example, inner',
      'x-forwarded-proto': 'ftp, https, http',
    };
    expect(forwarded(headers, 2)).toEqual({
      host: 'go.example',
      scheme: 'https',
      remoteAddress: '203.0.113.7',
    });
    expect(forwarded({ 'x-forwarded-for': '203.0.113.7' }, 2).remoteAddress).toBe('203.0.113.7');
    expect(forwarded({ 'x-forwarded-for': ' , ' }, 2)).toEqual(direct);
  });

  it.each([false, 0, -1, Number.NaN])('believes nothing with %s', (trustProxy) => {
    expect(forwarded({ 'x-forwarded-for': '203.0.113.7' }, trustProxy)).toEqual(direct);
  });

  it('leaves ports of addresses and unknown schemes aside', () => {
    expect(forwarded({ 'x-forwarded-for': '203.0.113.7:4711' }).remoteAddress).toBe('203.0.113.7');
    expect(forwarded({ 'x-forwarded-for': '[2001:db8::1]:4711' }).remoteAddress).toBe(
      '2001:db8::1',
    );
    expect(forwarded({ 'x-forwarded-proto': 'gopher' }).scheme).toBe('http');
  });
});

describe('normaliseRequestHost', () => {
  it.each([
    ['Go.Example', 'https', 'go.example'],
    ['go.example:443', 'https', 'go.example'],
    ['go.example:80', 'http', 'go.example'],
    ['go.example:443', 'http', 'go.example:443'],
    ['go.example.', 'https', 'go.example'],
    ['localhost:4400', 'http', 'localhost:4400'],
    ['[::1]:4400', 'http', '[::1]:4400'],
  ] as const)('reads %s over %s as %s', (host, scheme, normal) => {
    expect(normaliseRequestHost(host, scheme)).toBe(normal);
  });

  it.each([
    undefined,
    '',
    '.',
    'a b',
    'a/b',
    'user@host',
    'host:',
    'host:port',
    'ho\u0000st',
    'x'.repeat(300),
  ])('refuses %j', (host) => {
    expect(normaliseRequestHost(host, 'http')).toBeUndefined();
  });
});
