import { describe, expect, it } from 'vitest';

import { readMapping } from './event-mapping.ts';

const good = { event_type: 'event', occurred_at: 'time', person_external_id: 'user' };

describe('readMapping', () => {
  it('spells out what is short', () => {
    const mapping = readMapping({ ...good, currency: { value: 'EUR' }, 'properties.plan': 'plan' });
    expect(mapping).toEqual({
      ok: true,
      value: new Map([
        ['event_type', { column: 'event' }],
        ['occurred_at', { column: 'time' }],
        ['person_external_id', { column: 'user' }],
        ['currency', { value: 'EUR' }],
        ['properties.plan', { column: 'plan' }],
      ]),
    });
  });

  it('takes identifiers of other kinds for the person', () => {
    const mapping = { event_type: 'event', occurred_at: 'time', 'identifiers.card': 'card' };
    expect(readMapping(mapping)).toMatchObject({ ok: true });
  });

  it.each<[what: string, mapping: unknown, field: string]>([
    ['no object', [], 'map'],
    ['an unknown field', { ...good, colour: 'c' }, 'map.colour'],
    ['a property without a name', { ...good, 'properties.': 'c' }, 'map.properties.'],
    ['a kind that is no name', { ...good, 'identifiers.A B': 'c' }, 'map.identifiers.A B'],
    ['no type', { ...good, event_type: undefined, event_name: 'x' }, 'map.event_type'],
    ['no time', { event_type: 'a', person_email: 'b' }, 'map.occurred_at'],
    ['nobody', { event_type: 'a', occurred_at: 'b' }, 'map.person_external_id'],
    ['two amounts', { ...good, amount: 'a', amount_cents: 'b' }, 'map.amount_cents'],
    ['an empty column', { ...good, url: { column: '' } }, 'map.url'],
    ['column and value', { ...good, url: { column: 'a', value: 'b' } }, 'map.url'],
    ['neither of them', { ...good, url: { default: 'b' } }, 'map.url'],
    ['an unknown key', { ...good, url: { column: 'a', colum: 'b' } }, 'map.url'],
    ['values that are no texts', { ...good, url: { column: 'a', values: { a: 1 } } }, 'map.url'],
    ['a format elsewhere', { ...good, url: { column: 'a', format: 'iso' } }, 'map.url'],
    [
      'an unknown format',
      { ...good, occurred_at: { column: 'a', format: 'us' } },
      'map.occurred_at',
    ],
    ['a zone by name', { ...good, occurred_at: { column: 'a', zone: 'CET' } }, 'map.occurred_at'],
  ])('refuses %s', (_what, mapping, field) => {
    const refused = readMapping(mapping);
    expect(refused).toMatchObject({ ok: false, code: 'validation_failed' });
    expect(refused.ok ? [] : Object.keys(refused.errors!)).toContain(field);
  });
});
