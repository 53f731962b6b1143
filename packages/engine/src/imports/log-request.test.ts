import { describe, expect, it } from 'vitest';

import { classifyRequest, otherReason } from './log-request.ts';

function line(target: string, { method = 'GET', status = 200 } = {}) {
  return { address: '203.0.113.9', at: 0, request: { method, target }, status };
}

describe('classifyRequest', () => {
  it.each([
    '/',
    '/blog',
    '/blog/',
    '/index.html',
    '/about.php?img=logo.png',
    '/search?q=style.css',
    '/page#logo.svg',
    '/v1.2/notes',
    '/users/alice.smith',
    '/PRICING.HTM',
    'http://shop.example/sale',
  ])('takes %s for a page', (target) => {
    expect(classifyRequest(line(target))).toBe('page');
    expect(classifyRequest(line(target, { status: 304 }))).toBe('page');
  });

  it.each([
    '/logo.png',
    '/LOGO.PNG',
    '/style.css?v=3',
    '/app.mjs',
    '/font.woff2',
    '/favicon.ico',
    '/robots.txt',
    '/sitemap.xml',
    '/feed.rss',
    '/manual.pdf',
    '/release-1.3.2.tar.gz',
    '/.well-known/security',
    '/apple-touch-icon-120x120.png',
  ])('takes %s for an asset, whatever the answer', (target) => {
    expect(classifyRequest(line(target))).toBe('asset');
    expect(classifyRequest(line(target, { status: 404 }))).toBe('asset');
  });

  it.each([
    ['POST', 200, 'POST'],
    ['HEAD', 200, 'HEAD'],
    ['GET', 301, '301'],
    ['GET', 404, '404'],
    ['GET', 500, '500'],
    ['GET', 204, '204'],
    ['GET', 206, '206'],
  ])('takes %s answered with %i for something else', (method, status, reason) => {
    const request = line('/pricing', { method, status });
    expect(classifyRequest(request)).toBe('other');
    expect(otherReason(request)).toBe(reason);
  });

  it('takes what is no HTTP for something else', () => {
    const request = { address: '203.0.113.9', at: 0, status: 400 };
    expect(classifyRequest(request)).toBe('other');
    expect(otherReason(request)).toBe('no HTTP request');
  });
});
