import { describe, expect, it } from 'vitest';
import { isOwnHost } from './own-host.ts';

describe('isOwnHost', () => {
  it.each<[host: string, ownHosts: string[], landingHost: string | undefined, own: boolean]>([
    ['example.com', ['example.com'], undefined, true],
    ['blog.example.com', ['example.com'], undefined, true],
    ['www.example.co.uk', ['shop.example.co.uk'], undefined, true],
    ['other.co.uk', ['example.co.uk'], undefined, false],
    ['notexample.com', ['example.com'], undefined, false],
    ['example.com', ['notexample.com'], undefined, false],
    ['example.com:8080', ['www.example.com:3000'], undefined, true],
    ['localhost:4400', ['localhost:4400'], undefined, true],
    ['localhost:3000', ['localhost:4400'], undefined, false],
    ['127.0.0.1:3000', ['127.0.0.1:3000'], undefined, true],
    ['other.github.io', ['mine.github.io'], undefined, false],
    ['www.example.com', [], 'example.com', true],
    ['www.example.com', [], 'app.example.com:8443', true],
    ['example.org', [], 'example.com', false],
    ['example.com', [], undefined, false],
  ])('%s with own hosts %j and landing on %s: %s', (host, ownHosts, landingHost, own) => {
    expect(isOwnHost(host, new Set(ownHosts), landingHost)).toBe(own);
  });
});
