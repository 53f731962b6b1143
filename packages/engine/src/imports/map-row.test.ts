import { describe, expect, it } from 'vitest';

import type { EventMapping } from './event-mapping.ts';
import { mapByName, readMapping } from './event-mapping.ts';
import { mapRow } from './map-row.ts';
import type { MappedRow } from './map-row.ts';

const base = { event_type: 'event', occurred_at: 'time', person_external_id: 'user' };
const row = { event: 'sale', time: '2024-05-01T10:00:00Z', user: 'u1' };

function map(
  record: Record<string, unknown>,
  mapping: EventMapping = {},
  currency = 'USD',
): MappedRow {
  const sources = readMapping({ ...base, ...mapping });
  if (!sources.ok) throw new Error(sources.message);
  return mapRow({ ...row, ...record }, sources.value, currency);
}

function inputOf(record: Record<string, unknown>, mapping: EventMapping = {}, currency = 'USD') {
  const mapped = map(record, mapping, currency);
  if (mapped.kind !== 'event') throw new Error(JSON.stringify(mapped));
  return mapped.input;
}

function problemsOf(record: Record<string, unknown>, mapping: EventMapping = {}) {
  const mapped = map(record, mapping);
  return mapped.kind === 'rejected' ? mapped.problems.map(({ field }) => field) : [];
}

describe('mapRow', () => {
  it('fills the fields from their columns', () => {
    expect(
      inputOf(
        { mail: ' a@example.com ', page: 'https://shop.example/', key: 'order-1', card: 4711 },
        {
          person_email: 'mail',
          url: 'page',
          idempotency_key: 'key',
          'identifiers.card': 'card',
        },
      ),
    ).toEqual({
      type: 'sale',
      occurredAt: new Date('2024-05-01T10:00:00Z'),
      externalId: 'u1',
      email: 'a@example.com',
      url: 'https://shop.example/',
      idempotencyKey: 'order-1',
      identifiers: [{ kind: 'card', value: '4711' }],
    });
  });

  it('translates values, and knows defaults for empty and for other ones', () => {
    const mapping: EventMapping = {
      event_type: { column: 'event', values: { 'Order Paid': 'sale' }, default: 'custom' },
      event_name: 'event',
      currency: { column: 'currency', default: 'EUR' },
    };
    expect(inputOf({ event: 'Order Paid' }, mapping)).toMatchObject({ type: 'sale' });
    expect(inputOf({ event: 'Zoomed' }, mapping)).toMatchObject({ type: 'custom', name: 'Zoomed' });
    expect(inputOf({ event: 'x', currency: '' }, mapping)).toMatchObject({ currency: 'EUR' });
    expect(inputOf({ event: 'x', currency: 'gbp' }, mapping)).toMatchObject({ currency: 'GBP' });
  });

  it('leaves out rows of a type that stands for nothing', () => {
    const mapping: EventMapping = {
      event_type: { column: 'event', values: { $pageleave: null } },
    };
    expect(map({ event: '$pageleave' }, mapping)).toEqual({ kind: 'left_out' });
    expect(map({ event: '' }, mapping)).toMatchObject({ kind: 'rejected' });
  });

  it('reaches into objects by a path, and prefers a column of that very name', () => {
    const mapping: EventMapping = { url: 'context.page.url' };
    expect(inputOf({ context: { page: { url: '/a' } } }, mapping).url).toBe('/a');
    expect(inputOf({ 'context.page.url': '/b', context: {} }, mapping).url).toBe('/b');
    expect(inputOf({ context: 'text' }, mapping)).not.toHaveProperty('url');
    expect(inputOf({}, { url: '__proto__.x', referrer: 'constructor.name' })).not.toHaveProperty(
      'referrer',
    );
  });

  it.each<[amount: string | number, currency: string, minor: bigint]>([
    ['49.90', 'EUR', 4990n],
    ['49', 'EUR', 4900n],
    [49.9, 'EUR', 4990n],
    ['0', 'EUR', 0n],
    ['1200', 'JPY', 1200n],
    ['1200.00', 'JPY', 1200n],
    ['1.5', 'KWD', 1500n],
    ['49.9000', 'EUR', 4990n],
  ])('reads the amount %s %s', (total, currency, minor) => {
    const mapping: EventMapping = { amount: 'total', currency: 'cur' };
    expect(inputOf({ total, cur: currency }, mapping)).toMatchObject({
      amountMinor: minor,
      currency,
    });
  });

  it('counts decimals in the currency of the workspace where none is given', () => {
    expect(inputOf({ total: '12' }, { amount: 'total' }, 'JPY').amountMinor).toBe(12n);
    expect(inputOf({ total: '12' }, { amount: 'total' }, 'USD').amountMinor).toBe(1_200n);
    expect(inputOf({ cents: '1234' }, { amount_cents: 'cents' }).amountMinor).toBe(1_234n);
  });

  it.each(['49.999', '-1', '1,200.00', '$5', '1e3', 'NaN'])('rejects the amount %j', (total) => {
    expect(problemsOf({ total }, { amount: 'total' })).toEqual(['amount']);
  });

  it('rejects a currency that is none', () => {
    const mapping: EventMapping = { amount: 'total', currency: 'cur' };
    expect(problemsOf({ total: '5', cur: 'EURO' }, mapping)).toEqual(['currency']);
  });

  it('puts tags of their own columns into the address that lacks them', () => {
    const mapping: EventMapping = { url: 'page', utm_source: 's', utm_campaign: 'c' };
    const tags = { s: 'news letter', c: 'may&june' };
    const added = 'utm_source=news%20letter&utm_campaign=may%26june';
    expect(inputOf({ ...tags, page: 'https://a.example/x' }, mapping).url).toBe(
      `https://a.example/x?${added}`,
    );
    expect(inputOf({ ...tags, page: '/x?y=1#top' }, mapping).url).toBe(`/x?y=1&${added}#top`);
    expect(inputOf({ ...tags, page: '/?utm_source=own' }, mapping).url).toBe(
      '/?utm_source=own&utm_campaign=may%26june',
    );
    expect(inputOf(tags, mapping).url).toBe(`/?${added}`);
    expect(inputOf({ page: '/x' }, mapping).url).toBe('/x');
  });

  it('collects properties, one by one and as a whole', () => {
    const mapping: EventMapping = { properties: 'all', 'properties.plan': 'plan' };
    const all = { seats: 3, nested: { a: [1] } };
    expect(inputOf({ all, plan: 'pro' }, mapping).properties).toEqual({ ...all, plan: 'pro' });
    expect(inputOf({ all: JSON.stringify(all), plan: '' }, mapping).properties).toEqual(all);
    expect(problemsOf({ all: '[1]' }, mapping)).toEqual(['properties']);
    expect(problemsOf({ all: 'plan=pro' }, mapping)).toEqual(['properties']);
  });

  it('names every field that something is wrong with', () => {
    const mapping: EventMapping = { amount: 'total', referrer: 'from' };
    expect(
      problemsOf({ event: '', time: 'soon', user: '', total: 'x', from: { a: 1 } }, mapping),
    ).toEqual(['event_type', 'person_external_id', 'amount', 'occurred_at', 'referrer']);
    expect(problemsOf({ time: '' }, mapping)).toEqual(['occurred_at']);
  });

  it('needs no mapping where the columns have our names', () => {
    const record = {
      event_type: 'lead',
      occurred_at: '2024-05-01T10:00:00Z',
      person_email: 'a@example.com',
      amount_cents: '990',
      currency: 'EUR',
      'properties.plan': 'pro',
      ours: 'x',
    };
    expect(mapRow(record, mapByName(Object.keys(record)), 'USD')).toEqual({
      kind: 'event',
      input: {
        type: 'lead',
        occurredAt: new Date('2024-05-01T10:00:00Z'),
        email: 'a@example.com',
        amountMinor: 990n,
        currency: 'EUR',
        properties: { plan: 'pro' },
      },
    });
  });
});
