import { describe, expect, it } from 'vitest';

import {
  bareEmail,
  bareName,
  countryCode,
  googleEmail,
  hashed,
  latinCity,
  lowerName,
  ownCase,
  phoneDigits,
  phoneE164,
  plainEmail,
  shortPostalCode,
  stateCode,
  tightText,
} from './user-data.ts';

/** Those that a platform publishes are named; the others follow from its rule. */
describe('the hash of', () => {
  it.each([
    [
      'Meta’s john_smith@gmail.com',
      plainEmail('John_Smith@gmail.com '),
      '62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f',
    ],
    [
      'Meta’s phone number',
      phoneDigits('1 (650)555-1212'),
      'e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176',
    ],
    [
      'Meta’s Mary',
      bareName('Mary'),
      '6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec',
    ],
    [
      'Meta’s Valéry',
      bareName('Valéry'),
      '08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c',
    ],
    [
      'RudderStack’s abc@gmail.com',
      plainEmail(' aBc@gmail.com '),
      '48ddb93f0b30c475423fe177832912c5bcdce3cc72872f8051627967ef278e08',
    ],
    [
      'Reddit’s alice',
      bareEmail('Al.ice+Apple@Example.Com'),
      'ff8d9819fc0e12bf0d24892e45987e249a28dce836a85cad60e28eaaa8c6d976',
    ],
    [
      'Microsoft’s john@contoso.com',
      bareEmail('john@contoso.com'),
      'ec81f3ac7b2b19675bab9d54cf416f9f18cff87c97da5cca82c0f0891bc40602',
    ],
    [
      'Microsoft’s phone number',
      phoneE164('+1 425 555 1234'),
      'c59475d96e9f01d7d18d06cfad84dd02333207f02c0c2c5663ef2782cda0390e',
    ],
    [
      'a customer at Gmail, for Meta',
      plainEmail(' Jane.Doe+promo@Gmail.com '),
      '5f0d1df1fc49e30424381b57b1d4c73e067772a4267dde043a19b026935602c8',
    ],
    [
      'the same for Google',
      googleEmail(' Jane.Doe+promo@Gmail.com '),
      'd6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69',
    ],
    [
      'a customer elsewhere, for Google',
      googleEmail('John.Smith+shop@Example.com'),
      'ce9a349e570d738e02bfa7da71fb826a63c955597700b6ef64d1071f36cfa3eb',
    ],
    [
      'the same for Microsoft',
      bareEmail('John.Smith+shop@Example.com'),
      '77c15cba88f92469128047a9abfce151e12bba6aea47d36b7388c3540880e291',
    ],
    [
      'a phone number with a plus',
      phoneE164('+1 (650) 555-1212'),
      '1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8',
    ],
    [
      'one with two zeros, without a plus',
      phoneDigits('0044 20 7946 0958'),
      '35e206e5dec4c89b9e8b71b8c32724a5bb518483ac5a20c6617d738375b3b823',
    ],
    [
      'the same with one',
      phoneE164('0044 20 7946 0958'),
      'f0bf0228144d9fe2bdf1da2d8ca698f17bf1410ee688b075c27062e47b6f0b6d',
    ],
    [
      'a name with an apostrophe and a dash',
      bareName("O'Neil-Smith"),
      '825e66cf3a9a1ab140083fc38941c75ce6e41b49991e839f15b071b53dad639b',
    ],
    [
      'the same for Pinterest',
      lowerName("O'Neil-Smith"),
      '03a6e0bd58e6195e25e2f15f5831864e152a4e100961c438edab4e8812815bd9',
    ],
    [
      'a city',
      latinCity('Menlo Park'),
      '0007a3d64c01e23d5075203c5977c14e4f7e01a3fc570686fcc50b5e1dd42685',
    ],
    [
      'a state by its name',
      stateCode('California'),
      '6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126',
    ],
    [
      'a postal code',
      shortPostalCode('94025-1234'),
      'b9a9cf3cd3723a2e91b7c23ecf68456e872b6e5d86e5cab7f3d45a7302da32c7',
    ],
    [
      'a country',
      countryCode('US'),
      '79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621',
    ],
    [
      'another country',
      countryCode('GB'),
      '0b407281768f0e833afef47ed464b6571d01ca4d53c12ce5c51d1462f4ad6677',
    ],
    [
      'an id of the host’s, for Meta',
      tightText('CUST-77'),
      '0e103e5e09e5d2d255fbbbd08e7deb4d3d96a7922bfeb479d0d76fafd25d4efc',
    ],
    [
      'the same for TikTok',
      ownCase('CUST-77'),
      '102a92d02edbca91fcbc24887a411901fb0d97c887ca1859e84f9df986f727c8',
    ],
    [
      'an id in lower case',
      ownCase(' cust_42 '),
      '2b1cb0b84296c10ce6cc722d09a874d1f0cc1865615cb94ee50e62354aec017b',
    ],
  ])('%s', (_, normal, hash) => {
    expect(hashed(normal)).toBe(hash);
  });
});

describe('a value that is hashed already', () => {
  const hash = 'A'.repeat(64);

  it.each([plainEmail, googleEmail, bareEmail, phoneDigits, phoneE164, latinCity, shortPostalCode])(
    'goes through %o in lower case',
    (normalise) => {
      expect(hashed(normalise(hash))).toBe('a'.repeat(64));
    },
  );
});

describe('a value that can’t be sent', () => {
  it.each([
    ['an email without an @', plainEmail('nobody')],
    ['an email of dots alone', bareEmail('.+x@example.com')],
    ['a phone number of an extension', phoneDigits('123')],
    ['a phone number that is too long', phoneDigits('+1234567890123456')],
    ['a phone number that does not say its country', phoneE164('020 7946 0958')],
    ['a city of other letters', latinCity('東京')],
    ['a country by its name', countryCode('Germany')],
    ['nothing', hashed(plainEmail(undefined))],
    ['spaces', lowerName('  ')],
  ])('is left out: %s', (_, normal) => {
    expect(normal).toBeUndefined();
  });
});

/** Meta's own library: capi-param-builder 1.3.2. */
describe('a phone number for Meta', () => {
  it.each([
    ['+001 (616) 954-78 88', '16169547888'],
    ['01(650)123-4567', '16501234567'],
  ])('%s is %s', (written, digits) => {
    expect(phoneDigits(written)).toBe(digits);
  });
});
