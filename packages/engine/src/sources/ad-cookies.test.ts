import { expect, it } from 'vitest';

import { captureSignals, readAdCookies } from './click-ids.ts';

it('reads the cookies of ad platforms out of a Cookie header, and no others', () => {
  expect(
    readAdCookies(
      'theme=dark; _fbp=fb.1.1596403881668.1116446470; _hw_visitor=abc; _rdt_uuid=1700000000000.0b5c; ' +
        '_ga=GA1.1.111.222; _ga_ABC=GS2.1.s1794992400$o1$g0; _scid=; _fbc=a b; session=secret',
    ),
  ).toEqual({
    _fbp: 'fb.1.1596403881668.1116446470',
    _rdt_uuid: '1700000000000.0b5c',
    _ga: 'GA1.1.111.222',
    _ga_ABC: 'GS2.1.s1794992400$o1$g0',
  });
  expect(readAdCookies('theme=dark')).toBeUndefined();
  expect(readAdCookies(undefined)).toBeUndefined();
});

it('keeps them as they are beside the click ids of the address', () => {
  const cookies = readAdCookies('_ga_ABC=GS2.1.s1794992400$o1; li_fat_id=cookie');
  expect(captureSignals('https://shop.test/?li_fat_id=address&gclid=Ab', cookies)).toEqual({
    li_fat_id: 'address',
    gclid: 'Ab',
    _ga_ABC: 'GS2.1.s1794992400$o1',
  });
});
