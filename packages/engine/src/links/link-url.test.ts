import { describe, expect, it } from 'vitest';

import { destinationProblem } from './link-url.ts';

const rules = { appSchemes: ['myapp'], domain: 'mybrand.link' };

describe('destinationProblem', () => {
  it.each([
    'http://example.com',
    'https://example.com/page?a=1&a=2#top',
    'HTTPS://EXAMPLE.COM/',
    'https://bücher.example/größe?名=値',
    'https://example.com:8443/a b',
    'https://192.0.2.1/',
    'https://[2001:db8::1]/',
    'myapp://pricing',
    'MyApp://pricing',
  ])('accepts %s', (url) => {
    expect(destinationProblem(url, rules)).toBeUndefined();
  });

  it.each([
    [undefined, 'must be a string'],
    [42, 'must be a string'],
    [{}, 'must be a string'],
    ['', 'is required'],
    ['not-a-url', 'http or https'],
    ['//example.com', 'http or https'],
    ['ftp://example.com', '"ftp" is not allowed'],
    ['javascript:alert(1)', '"javascript" is not allowed'],
    ['data:text/html,x', '"data" is not allowed'],
    ['otherapp://x', '"otherapp" is not allowed'],
    ['https://', 'with a host'],
    ['http:/no-host', 'with a host'],
    ['https:example.com', 'with a host'],
    ['https:///example.com', 'with a host'],
    ['https://exa mple.com/', 'with a host'],
    ['https://example.com\\@evil.example/', 'user name'],
    ['https://example.com\\.evil.example/', 'with a host'],
    ['https://example.com:99999/', 'with a host'],
    ['https://user:secret@example.com/', 'user name'],
    ['https://@example.com/', 'user name'],
    ['https://example.com/\r\nset-cookie: a=b', 'control characters'],
    ['https://example.com/\u0000', 'control characters'],
    ['https://example.com/\t', 'control characters'],
    ['https://example.com/\ud800', 'control characters'],
    [' https://example.com/', 'space'],
    [`https://example.com/${'a'.repeat(8_192)}`, '8192'],
    ['http://localhost:3000/', 'own machine'],
    ['http://127.0.0.1/', 'own machine'],
    ['http://2130706433/', 'own machine'],
    ['http://0x7f.1/', 'own machine'],
    ['http://[::1]/', 'own machine'],
    ['http://[::ffff:127.0.0.1]/', 'own machine'],
    ['http://app.localhost/', 'own machine'],
  ])('refuses %j', (url, problem) => {
    expect(destinationProblem(url, rules)).toContain(problem);
  });

  it('lets a link on the own machine lead there', () => {
    expect(
      destinationProblem('http://localhost:3000/', { ...rules, domain: 'localhost:4400' }),
    ).toBeUndefined();
    expect(
      destinationProblem('http://127.0.0.1/', { ...rules, domain: 'go.test' }),
    ).toBeUndefined();
  });

  it('never takes a scheme that runs code, even where the options list it', () => {
    expect(
      destinationProblem('javascript:alert(1)', { ...rules, appSchemes: ['javascript'] }),
    ).toContain('not allowed');
  });
});
