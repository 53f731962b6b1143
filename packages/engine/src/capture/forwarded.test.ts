import { describe, expect, it } from 'vitest';

import { createForwardedReader, normaliseRequestHost } from './forwarded.ts';

const direct = { host: 'inner:8080', scheme: 'http', remoteAddress: '10.0.0.1' } as const;

function forwarded(
  headers: Record<string, string>,
  trustProxy: boolean | number | readonly string[] = true,
  from = direct.remoteAddress as string,
) {
  const read = createForwardedReader({ trustProxy });
  return read((name) => headers[name], { ...direct, remoteAddress: from });
}

/** The same by the standard's header. */
function standard(text: string, trustProxy: number | readonly string[] = 1) {
  const headers: Record<string, string> = { forwarded: text, 'x-forwarded-for': '1.1.1.1' };
  return createForwardedReader({ trustProxy, proxyHeader: 'forwarded' })(
    (name) => headers[name],
    direct,
  );
}

describe('createForwardedReader', () => {
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

describe('createForwardedReader, for proxies by their addresses', () => {
  const proxies = ['10.0.0.0/8', '192.0.2.7', '2001:db8:1::/48'];
  const headers = {
    'x-forwarded-for': '8.8.8.8, 203.0.113.7, 10.9.9.9',
    'x-forwarded-host': 'evil.example, go.example, inner',
    'x-forwarded-proto': 'http, https, http',
  };

  it('goes back to the first address that is none of theirs', () => {
    expect(forwarded(headers, proxies)).toEqual({
      host: 'go.example',
      scheme: 'https',
      remoteAddress: '203.0.113.7',
    });
    for (const from of ['192.0.2.7', '2001:db8:1::5', '::ffff:10.0.0.1'])
      expect(forwarded(headers, proxies, from).remoteAddress).toBe('203.0.113.7');
  });

  it.each(['203.0.113.9', '192.0.2.8', '2001:db8:2::5', '::ffff:203.0.113.9', 'nonsense', ''])(
    'believes nothing that comes from %j itself',
    (from) => {
      expect(forwarded(headers, proxies, from)).toEqual({ ...direct, remoteAddress: from });
    },
  );

  it('takes the first address where all are theirs, and one host where the address is not said', () => {
    expect(forwarded({ 'x-forwarded-for': '10.1.1.1, 10.2.2.2' }, proxies).remoteAddress).toBe(
      '10.1.1.1',
    );
    expect(forwarded({ 'x-forwarded-host': 'evil.example, go.example' }, proxies)).toEqual({
      ...direct,
      host: 'go.example',
    });
  });

  it('knows no address behind a value that is none', () => {
    for (const value of ['unknown', '_hidden', '999.1.1.1', "1.1.1.1' or 1=1"]) {
      const { remoteAddress } = forwarded({ 'x-forwarded-for': `8.8.8.8, ${value}` }, proxies);
      expect([value, remoteAddress]).toEqual([value, undefined]);
    }
  });

  it.each([
    '10.0.0.0/33',
    '10.0.0',
    '10.0.0.0/8/8',
    '2001:db8::/129',
    'proxy.example',
    '10.0.0.1/',
  ])('is refused %j as a proxy', (proxy) => {
    expect(() => createForwardedReader({ trustProxy: [proxy] })).toThrow(/^trustProxy: /);
  });
});

describe('createForwardedReader, for the header Forwarded', () => {
  it('takes what the trusted proxy has written, and nothing from the headers that it leaves alone', () => {
    expect(
      standard('for=8.8.8.8;host=evil.example, For=203.0.113.7;Proto=https;host=go.example'),
    ).toEqual({ host: 'go.example', scheme: 'https', remoteAddress: '203.0.113.7' });
    expect(
      createForwardedReader({ trustProxy: 1 })(
        (name) => ({ forwarded: 'for=8.8.8.8' })[name],
        direct,
      ),
    ).toEqual(direct);
  });

  it('reads quoted values, ports and IPv6', () => {
    expect(standard('for="[2001:db8::1]:4711";host="go.example:8443"')).toMatchObject({
      remoteAddress: '2001:db8::1',
      host: 'go.example:8443',
    });
    expect(standard('for=203.0.113.7;by="a,b;c"').remoteAddress).toBe('203.0.113.7');
  });

  it('finds the client before several proxies', () => {
    const text = 'for=8.8.8.8, for=203.0.113.7;host=go.example, for=10.0.0.7';
    expect(standard(text, 2)).toMatchObject({ host: 'go.example', remoteAddress: '203.0.113.7' });
    expect(standard(text, ['10.0.0.0/8'])).toMatchObject({
      host: 'go.example',
      remoteAddress: '203.0.113.7',
    });
  });

  it('knows no address that a proxy keeps to itself', () => {
    for (const value of ['unknown', '_secret', '"_x:1"'])
      expect(standard(`for=${value}`).remoteAddress).toBeUndefined();
    expect(standard('proto=https')).toMatchObject({ scheme: 'https', remoteAddress: undefined });
  });

  it.each([
    'for="8.8.8.8, for=203.0.113.7',
    'for="a, for="[2001:db8::1]"',
    'for=8.8.8.8 host=evil.example',
    '=;=,=',
    'for="\\',
  ])('believes nothing of what cannot be read: %j', (text) => {
    expect(standard(text)).toEqual(direct);
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
