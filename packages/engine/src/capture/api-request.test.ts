import { describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { ConfigurationError } from '../kernel/errors.ts';
import { checkApiRequestOptions, describeApiRequest, isBelowAny } from './api-request.ts';

const request = {
  method: 'GET',
  target: '/api/orders?page=2&token=secret',
  host: 'app.test',
  scheme: 'https',
} as const;

describe('the paths of an API', () => {
  it.each([
    ['/api', '/api', true],
    ['/api/v1', '/api', true],
    ['/api/', '/api', true],
    ['/apiary', '/api', false],
    ['/ap', '/api', false],
    ['/API', '/api', false],
    ['/api', '/api/', true],
    ['/anything', '/', true],
  ])('%j is below %j: %j', (path, prefix, expected) => {
    expect(isBelowAny(path, ['/other', prefix])).toBe(expected);
  });
});

describe('an API request', () => {
  it('is told by method, path, status and time, and by the names of its parameters', () => {
    expect(describeApiRequest(request, { status: 201, milliseconds: 12.6 }, {})).toEqual({
      name: 'GET /api/orders',
      url: 'https://app.test/api/orders?page=redacted&token=redacted',
      properties: { method: 'GET', path: '/api/orders', status: 201, milliseconds: 13 },
    });
  });

  it('keeps the values of the parameters that are named, and has the path that the host gives it', () => {
    expect(
      describeApiRequest(
        { ...request, method: 'delete', target: '/api/orders/17?page=2&flag&=x&token=secret#t' },
        { status: 499, isAborted: true },
        { path: '/api/orders/:id', keepParameters: ['page'], sampleRate: 0.1 },
      ),
    ).toEqual({
      name: 'DELETE /api/orders/:id',
      url: 'https://app.test/api/orders/:id?page=2&flag&token=redacted',
      properties: {
        method: 'DELETE',
        path: '/api/orders/:id',
        status: 499,
        aborted: true,
        sample_rate: 0.1,
      },
    });
  });

  it('takes up to 50 properties with a plain value, and none in place of its own', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`p${index}`, index]));
    const { properties } = describeApiRequest(
      request,
      { status: 200 },
      {
        properties: {
          status: 'mine',
          list: [1],
          nothing: undefined,
          not: NaN,
          text: 'a\nb',
          ...many,
        },
      },
    );
    expect(Object.keys(properties)).toHaveLength(50);
    expect(properties).toMatchObject({ status: 200, text: 'ab', p0: 0 });
    expect(properties).not.toHaveProperty('list');
    expect(properties).not.toHaveProperty('not');
  });

  it('is short and storable, whatever is asked, and tells no value of the query', () => {
    const secret = 'top-secret-value';
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 3_000 }),
        fc.array(fc.stringMatching(/^[a-z%]{1,5}$/), { maxLength: 80 }),
        (path, names) => {
          const target = `/api/${path}?${names.map((name) => `${name}=${secret}`).join('&')}`;
          const { name, url } = describeApiRequest({ ...request, target }, { status: 200 }, {});
          expect(name.length).toBeLessThanOrEqual(255);
          expect(url.length).toBeLessThanOrEqual(2_083);
          expect(name + url).not.toMatch(/\p{Cc}/u);
          expect((name + url).isWellFormed()).toBe(true);
          if (!path.includes('?')) expect(url).not.toContain(secret);
        },
      ),
    );
  });
});

describe('what is recorded of an API', () => {
  const identify = 'nobody';
  it.each([
    [{ identify }],
    [{ paths: [], identify }],
    [{ paths: ['api'], identify }],
    [{ paths: ['/api'] }],
    [{ paths: ['/api'], identify: 'skip' }],
    [{ paths: ['/api'], identify, sampleRate: 0 }],
    [{ paths: ['/api'], identify, sampleRate: 2 }],
    [{ paths: ['/api'], identify, sampleRate: NaN }],
  ])('has to be said: %j', (options) => {
    expect(() => checkApiRequestOptions(options as never)).toThrow(ConfigurationError);
  });
});
