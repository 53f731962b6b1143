import { describe, expect, it } from 'vitest';
import { fc } from '../../../../test/support/properties.ts';
import { cleanText } from './clean-text.ts';

describe('cleanText', () => {
  it.each<[text: string, expected: string | undefined]>([
    ['  spring sale ', 'spring sale'],
    ['', undefined],
    [' \t\r\n ', undefined],
    ['a\r\nSet-Cookie: b\u0000', 'aSet-Cookie: b'],
    ['a\u007fb\u0085c\u2028d', 'abcd'],
    ['日本 🎉', '日本 🎉'],
    ['half \ud83d', 'half \ufffd'],
    ['x'.repeat(300), 'x'.repeat(255)],
    [`${'x'.repeat(254)}🎉`, 'x'.repeat(254)],
    [`${'x'.repeat(253)}🎉`, `${'x'.repeat(253)}🎉`],
  ])('takes %j to %j', (text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  it('gives text that is clean already, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const clean = cleanText(text);
        if (clean === undefined) return;
        expect(cleanText(clean)).toBe(clean);
        expect(clean.length).toBeLessThanOrEqual(255);
        expect(clean.isWellFormed()).toBe(true);
      }),
    );
  });
});
