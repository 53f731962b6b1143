import { describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { countryName, isCountryCode } from './country.ts';
import { readMaxMindRecord } from './normalise-record.ts';
import { toPlace } from './place.ts';

describe('toPlace', () => {
  it('names the country by its code', () => {
    expect(toPlace({ countryCode: 'de' })).toEqual({ countryCode: 'DE', country: 'Germany' });
    expect(toPlace({ countryCode: 'XK' })?.country).toBe('Kosovo');
  });

  it.each(['', 'XX', 'ZZ', 'T1', 'EU', 'UK', 'DEU', undefined, 42])(
    'is none in %j',
    (countryCode) => {
      expect(toPlace({ countryCode, city: 'Berlin' })).toBeUndefined();
    },
  );

  it('leaves out what cannot be', () => {
    expect(
      toPlace({
        countryCode: 'DE',
        continent: 'EU',
        region: ' ',
        city: 'Ber\u0000lin',
        timezone: 'Europe/Berlin; drop',
        latitude: '91',
        longitude: 13,
      }),
    ).toEqual({ countryCode: 'DE', country: 'Germany', continent: 'Europe' });
  });

  it('is storable, whatever the fields', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.double(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(
        fc.record({
          region: anything,
          city: anything,
          timezone: anything,
          latitude: anything,
          longitude: anything,
        }),
        (fields) => {
          const place = toPlace({ ...fields, countryCode: 'FR' });
          const text = JSON.stringify(place);
          expect(text.isWellFormed() && !text.includes('\\u0000')).toBe(true);
          expect(text.length).toBeLessThan(1_500);
          expect(JSON.parse(text)).toEqual(place);
        },
      ),
    );
  });
});

describe('isCountryCode', () => {
  it('knows the codes that this Node has names for', () => {
    expect(['DE', 'GB', 'TW', 'SX', 'BQ'].every(isCountryCode)).toBe(true);
    const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    const known = letters.flatMap((one) => letters.map((two) => one + two)).filter(isCountryCode);
    expect(known).toHaveLength(250);
    for (const code of known) expect(countryName(code)).not.toBe(code);
  });
});

describe('readMaxMindRecord', () => {
  it('takes the first subdivision and English names', () => {
    expect(
      readMaxMindRecord({
        city: { names: { de: 'Köln', en: 'Cologne' } },
        continent: { code: 'EU', names: { en: 'Europe' } },
        country: { iso_code: 'DE', names: { en: 'Germany' } },
        location: { latitude: 50.9, longitude: 6.9, time_zone: 'Europe/Berlin' },
        subdivisions: [
          { names: { en: 'North Rhine-Westphalia' } },
          { names: { en: 'Cologne District' } },
        ],
      }),
    ).toEqual({
      countryCode: 'DE',
      continent: 'Europe',
      region: 'North Rhine-Westphalia',
      city: 'Cologne',
      timezone: 'Europe/Berlin',
      latitude: 50.9,
      longitude: 6.9,
    });
  });

  it('has no name where there is none in English', () => {
    const record = {
      country: { iso_code: 'DE', names: { de: 'Deutschland' } },
      city: { names: {} },
    };
    expect(toPlace(readMaxMindRecord(record)!)).toEqual({ countryCode: 'DE', country: 'Germany' });
  });

  it('falls back on the country that the network is registered in', () => {
    const record = {
      country: {},
      registered_country: { iso_code: 'US', names: { en: 'United States' } },
    };
    expect(readMaxMindRecord(record)).toMatchObject({ countryCode: 'US' });
  });

  it('reads the flat records of ip-location-db', () => {
    const record = {
      country_code: 'AT',
      state1: 'Vienna',
      city: 'Vienna',
      timezone: 'Europe/Vienna',
    };
    expect(readMaxMindRecord(record)).toMatchObject({ countryCode: 'AT', region: 'Vienna' });
  });

  it.each([null, 'DE', 42, []])('makes nothing of %j', (record) => {
    expect(toPlace(readMaxMindRecord(record) ?? {})).toBeUndefined();
  });
});
