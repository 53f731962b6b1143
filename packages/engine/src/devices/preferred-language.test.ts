import { expect, it } from 'vitest';

import { preferredLanguage } from './preferred-language.ts';

it.each([
  ['de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7', 'de'],
  ['en;q=0.5, fr;q=0.8', 'fr'],
  ['zh-Hant-TW', 'zh'],
  ['PT-br', 'pt'],
  ['*', undefined],
  ['*, sv;q=0.1', 'sv'],
  ['fr;q=0', undefined],
  ['', undefined],
  ['not a language', undefined],
  [undefined, undefined],
  [`de,${'en,'.repeat(100)}`, undefined],
])('reads %o as %o', (header, language) => {
  expect(preferredLanguage(header)).toBe(language);
});
