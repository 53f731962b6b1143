import { expect, it } from 'vitest';

import { classifySource } from './classify.ts';
import { findTranslatedPage } from './translated-page.ts';

it.each([
  [
    'http://translate.googleusercontent.com/translate_c?depth=1&hl=pt-BR&u=http://www.shop.example/articles/&usg=x',
    'http://www.shop.example/articles/',
  ],
  [
    'https://translate.google.com.br/translate?sl=en&u=https%3A%2F%2Fshop.example%2F',
    'https://shop.example/',
  ],
  ['https://translate.google.de/translate?u=shop.example/a', 'http://shop.example/a'],
  ['https://www-shop-example.translate.goog/articles?_x_tr_sl=en', 'https://www.shop.example/'],
  ['https://my--shop-example.translate.goog/', 'https://my-shop.example/'],
  ['https://translate.google.com/', undefined],
  ['https://translate.google.com/translate?u=', undefined],
  ['https://translate.google.com/translate?u=https://translate.google.com/translate', undefined],
  ['https://translate.google.com/translate?u=javascript:alert(1)', undefined],
  ['https://localhost.translate.goog/', undefined],
  ['https://www.google.com/search?u=https://shop.example/', undefined],
  ['', undefined],
])('reads %s', (referrer, page) => {
  expect(findTranslatedPage(referrer)).toBe(page);
});

it('takes a translated page of our own for a move inside the site, and any other for the page that it is', () => {
  const url = 'https://shop.example/pricing';
  const classify = (referrer: string) =>
    classifySource({ url, referrer, ownHosts: new Set(), landing: true });
  const own = 'https://translate.googleusercontent.com/translate_c?u=https://www.shop.example/';
  expect(classify(own)).toMatchObject({ kind: 'internal', rule: 'own_host' });
  expect(classify('https://blog-example.translate.goog/')).toMatchObject({
    channel: 'Referral',
    source: 'blog.example',
  });
});
