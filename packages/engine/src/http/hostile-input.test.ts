import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api, ApiCall } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';

interface ErrorBody {
  readonly error: string;
  readonly code: string;
  readonly errors?: Readonly<Record<string, readonly string[]>>;
}

const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const wide = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, index]));
const event = { event_type: 'sale', person_external_id: 'cust_1' };

describe('hostile input', () => {
  let context: TestContext;
  let api: Api;
  beforeAll(async () => {
    context = await openTestContext('pglite', { links: { domains: ['go.test'] } });
    api = await openApi(context, await context.workspaces.first());
    await api('POST', '/visitors/resolve', { person_external_id: 'cust_1' });
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const raw = (text: string | Uint8Array<ArrayBuffer>, headers = {}): ApiCall => ({
    raw: text,
    headers,
  });

  it.each<[name: string, call: ApiCall, status: number, code: string]>([
    ['no JSON', raw('{"url":'), 400, 'malformed_json'],
    ['broken UTF-8', raw(new Uint8Array([0x22, 0xff, 0xfe, 0x22])), 400, 'malformed_json'],
    [
      'a form',
      raw('url=x', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'unsupported_media_type',
    ],
    ['no type', raw('{}', { 'content-type': '' }), 415, 'unsupported_media_type'],
    ['a compressed body', raw('{}', { 'content-encoding': 'gzip' }), 415, 'unsupported_media_type'],
    ['a body over the limit', raw(`"${'x'.repeat(1024 * 1024)}"`), 413, 'body_too_large'],
    ['no body', {}, 422, 'validation_failed'],
    ['null', raw('null'), 422, 'validation_failed'],
    ['an array', raw('[]'), 422, 'validation_failed'],
    ['a number', raw('42'), 422, 'validation_failed'],
    [
      'names that every object has',
      raw('{"constructor":1,"toString":2,"__proto__":3}'),
      422,
      'validation_failed',
    ],
    ['JSON of 100,000 levels', raw(deep(100_000)), 422, 'validation_failed'],
  ])(
    'answers %s with a clear 4xx on every route that takes a body',
    async (_name, call, status, code) => {
      for (const path of [
        '/links',
        '/events',
        '/visitors/resolve',
        '/visitors/identify',
        '/domains',
        '/api-keys',
      ]) {
        const answer = await api<ErrorBody>('POST', path, undefined, call);
        expect([path, answer.status, answer.body.code]).toEqual([path, status, code]);
        expect(answer.body.error).not.toBe('');
      }
    },
  );

  it.each<[field: string, body: unknown]>([
    ['event_type', { ...event, event_type: 'explosion' }],
    ['event_type', { ...event, event_type: 7 }],
    ['event_type', { person_external_id: 'cust_1' }],
    ['visitor_id', { event_type: 'sale' }],
    ['visitor_id', { event_type: 'sale', visitor_id: 42 }],
    ['visitor_id', { event_type: 'sale', visitor_id: 'visitor-42' }],
    ['visitor_id', { event_type: 'sale', visitor_id: { $gt: '' } }],
    ['hw_click', { ...event, hw_click: 'x' }],
    ['event_id', { ...event, event_id: 42 }],
    ['person_external_id', { ...event, person_external_id: 4711 }],
    ['person_external_id', { ...event, person_external_id: '' }],
    ['person_external_id', { ...event, person_external_id: 'a\0b' }],
    ['person_external_id', { ...event, person_external_id: 'x'.repeat(256) }],
    ['person_email', { ...event, person_email: ['a@example.com'] }],
    ['amount_cents', { ...event, amount_cents: -1 }],
    ['amount_cents', { ...event, amount_cents: 49.99 }],
    ['amount_cents', { ...event, amount_cents: '4999' }],
    ['amount_cents', { ...event, amount_cents: 1e300 }],
    ['amount_cents', { ...event, amount_cents: 1_000_000_000_000_001 }],
    ['currency', { ...event, amount_cents: 1, currency: 'DOLLARS' }],
    ['currency', { ...event, amount_cents: 1, currency: 'XXX' }],
    ['currency', { ...event, amount_cents: 1, currency: 840 }],
    ['url', { ...event, url: `https://example.com/${'x'.repeat(100_000)}` }],
    ['url', { ...event, url: 'https://example.com/\0' }],
    ['url', { ...event, url: 'https://example.com/\ud800' }],
    ['referrer', { ...event, referrer: 42 }],
    ['properties', { ...event, properties: wide(51) }],
    ['properties', { ...event, properties: wide(10_000) }],
    ['properties', { ...event, properties: 'text' }],
    ['properties', { ...event, properties: { long: 'x'.repeat(40_000) } }],
    ['properties.a.b', { ...event, properties: { a: { b: 'x\0' } } }],
    ['properties.a?', { ...event, properties: { 'a\0': 1 } }],
    ['occurred_at', { ...event, occurred_at: 'yesterday' }],
    ['occurred_at', { ...event, occurred_at: 1_700_000_000 }],
    ['occurred_at', { ...event, occurred_at: '2026-02-30T00:00:00Z' }],
    ['idempotency_key', { ...event, idempotency_key: 'x'.repeat(256) }],
    ['idempotency_key', { ...event, idempotency_key: 7 }],
    ['identifiers[0].kind', { ...event, identifiers: [{ kind: 'DROP TABLE', value: 'x' }] }],
    ['identifiers[0].value', { ...event, identifiers: [{ kind: 'card', value: 7 }] }],
    ['amount', { ...event, amount: 7 }],
  ])('refuses an event and names %s (%#)', async (field, body) => {
    const single = await api<ErrorBody>('POST', '/events', body);
    expect([single.status, Object.keys(single.body.errors ?? {})]).toEqual([422, [field]]);
    const batch = await api<{ results: Array<Record<string, unknown>> }>('POST', '/events/batch', {
      events: [{ ...event, event_type: 'lead' }, body, { ...event, event_type: 'lead' }],
    });
    expect(batch.status).toBe(207);
    expect(batch.body.results).toMatchObject([
      { index: 0, status: 'ok', outcome: 'accepted' },
      {
        index: 1,
        status: 'error',
        outcome: 'rejected',
        code: 'validation_failed',
        errors: { [field]: expect.arrayContaining([expect.any(String)]) as unknown },
      },
      { index: 2, status: 'ok', outcome: 'accepted' },
    ]);
  });

  it.each<[name: string, item: unknown]>([
    ['null', null],
    ['text', 'text'],
    ['a number', 42],
    ['an array', []],
    ['an empty object', {}],
    ['too deep', JSON.parse(deep(1_000))],
    ['a prototype', JSON.parse('{"__proto__":{"x":1}}')],
  ])('answers an item of a batch that is %s in its place', async (_name, item) => {
    const { status, body } = await api<{ results: unknown[] }>('POST', '/events/batch', {
      events: [item, { ...event, event_type: 'lead' }],
    });
    expect(status).toBe(207);
    expect(body.results).toMatchObject([
      { index: 0, status: 'error' },
      { index: 1, status: 'ok' },
    ]);
  });

  it.each([
    [{}],
    [{ events: [] }],
    [{ events: {} }],
    [{ events: Array.from({ length: 101 }, () => event) }],
    [{ events: 'x' }],
  ])('refuses a batch without 1 to 100 events (%#)', async (body) => {
    const answer = await api<ErrorBody>('POST', '/events/batch', body);
    expect([answer.status, Object.keys(answer.body.errors ?? {})]).toEqual([422, ['events']]);
  });

  it.each<[field: string, body: Record<string, unknown>]>([
    ['url', {}],
    ['url', { url: 42 }],
    ['url', { url: 'javascript:alert(1)' }],
    ['url', { url: 'https://user:password@example.com/' }],
    ['url', { url: 'https://example.com/\r\nset-cookie: x=1' }],
    ['url', { url: `https://example.com/${'x'.repeat(100_000)}` }],
    ['domain', { domain: 'not a host', url: 'https://example.com/' }],
    ['domain', { domain: 7, url: 'https://example.com/' }],
    ['key', { key: 'api/../x ?', url: 'https://example.com/' }],
    ['key', { key: 7, url: 'https://example.com/' }],
    ['link_type', { link_type: 'worm', url: 'https://example.com/' }],
    ['partner_id', { partner_id: 12, url: 'https://example.com/' }],
    [
      'geo_targeting',
      { geo_targeting: { USA: 'https://example.com/' }, url: 'https://example.com/' },
    ],
    ['tags', { tags: 'launch', url: 'https://example.com/' }],
    ['tags', { tags: Array(1_000).fill('x'), url: 'https://example.com/' }],
    ['metadata', { metadata: wide(10_000), url: 'https://example.com/' }],
    ['expires_at', { expires_at: 'never', url: 'https://example.com/' }],
    ['colour', { colour: 'red', url: 'https://example.com/' }],
    ['ios_url', { ios_url: 'javascript:alert(1)', url: 'https://example.com/' }],
  ])('refuses a link and names %s (%#)', async (field, body) => {
    const answer = await api<ErrorBody>('POST', '/links', body);
    expect([answer.status, Object.keys(answer.body.errors ?? {})]).toEqual([422, [field]]);
    expect(answer.body.error.split(' ')[0]).toBe(field);
  });

  it.each([
    ['limit', 'limit=0'],
    ['limit', 'limit=201'],
    ['limit', 'limit=ten'],
    ['limit', 'limit=1e2'],
    ['limit', 'limit='],
    ['offset', 'offset=-1'],
    ['offset', 'offset=99999999999999999999'],
    ['cursor', 'cursor=%00'],
    ['page', 'page=2'],
  ])('refuses a list and names %s (%#)', async (field, query) => {
    for (const path of ['/links', '/visitors', '/api-keys']) {
      const answer = await api<ErrorBody>('GET', `${path}?${query}`);
      expect([path, answer.status, Object.keys(answer.body.errors ?? {})]).toEqual([
        path,
        422,
        [field],
      ]);
    }
  });

  it.each(['42', 'visitor-42', '%00', '..%2f..', '%F0%28', "'%20or%201=1"])(
    'answers 404 where %s stands for an id',
    async (id) => {
      for (const [method, path] of [
        ['GET', `/links/${id}`],
        ['GET', `/links/${id}/stats`],
        ['DELETE', `/links/${id}`],
        ['GET', `/visitors/${id}`],
        ['GET', `/visitors/${id}/timeline`],
        ['POST', `/visitors/merges/${id}/undo`],
        ['DELETE', `/api-keys/${id}`],
      ] as const) {
        const answer = await api<ErrorBody>(method, path);
        expect([path, answer.status]).toEqual([path, 404]);
        expect(answer.body.code).toBe('not_found');
      }
    },
  );

  it('answers an unknown address with 404 in JSON', async () => {
    expect(await api('GET', '/nothing')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
    expect(await api('PUT', '/events')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('has logged no fault', () => {
    expect(context.logged).toEqual([]);
  });
});
