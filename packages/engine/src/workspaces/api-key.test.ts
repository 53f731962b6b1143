import { describe, expect, it } from 'vitest';

import { grants, isHostAllowed } from './api-key.ts';

describe('grants', () => {
  it.each([
    ['admin', ['admin', 'read', 'write', 'events:write', 'tracking:write']],
    ['write', ['write', 'events:write', 'tracking:write']],
    ['read', ['read']],
    ['events:write', ['events:write']],
    ['tracking:write', ['tracking:write']],
    ['beacon', ['beacon']],
  ] as const)('lets %s do what belongs to it', (scope, allowed) => {
    const all = ['admin', 'read', 'write', 'events:write', 'tracking:write', 'beacon'] as const;
    expect(all.filter((needed) => grants([scope], needed))).toEqual(allowed);
  });
});

describe('isHostAllowed', () => {
  it.each([
    [[], 'anything.example', true],
    [['shop.example'], 'shop.example', true],
    [['shop.example'], 'shop.example:8080', true],
    [['shop.example:8080'], 'shop.example:8080', true],
    [['shop.example:8080'], 'shop.example', false],
    [['shop.example'], 'evil-shop.example', false],
    [['shop.example'], 'shop.example.evil.test', false],
    [['*.example.com'], 'www.example.com', true],
    [['*.example.com'], 'a.b.example.com', true],
    [['*.example.com'], 'example.com', false],
    [['*.example.com'], 'wwwexample.com', false],
  ])('with %j, %s: %s', (allowedHosts, host, expected) => {
    expect(isHostAllowed({ allowedHosts }, host)).toBe(expected);
  });
});
