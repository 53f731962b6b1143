import type { LinkRouting } from '@headwater/client/api';
import { describe, expect, it } from 'vitest';

import { emptyCondition, emptyRule, routingValuesOf, toRouting } from './routing-values.ts';

const everything: LinkRouting = {
  version: 1,
  start: { at: '2026-01-01T00:00:00Z', url: 'https://example.com/soon' },
  expiry: { url: 'https://example.com/over' },
  limits: { clicks: { max: 10, url: 'https://example.com/full' }, people: { max: 5 } },
  rules: [
    {
      name: 'Weekends',
      url: 'https://example.com/weekend',
      when: [
        { kind: 'time', zone: 'Europe/Berlin', days: [6, 7], from: '22:00', to: '02:00' },
        { kind: 'country', in: ['DE'], not: true },
        { kind: 'query', name: 'ref' },
        { kind: 'visitor', is: 'customer' },
        { kind: 'clicks', below: 100 },
        { kind: 'share', percent: 12.5 },
      ],
    },
  ],
  variants: [
    { name: 'a', url: 'https://example.com/a', weight: 1 },
    { name: 'b', url: 'https://example.com/b', weight: 3 },
  ],
  goal: 'revenue',
  query: ['utm_source'],
};

describe('the routing of a link in its form', () => {
  it('is what it was when nothing is changed', () => {
    expect(toRouting(routingValuesOf(everything))).toEqual(everything);
  });

  it('does not take an empty share for none', () => {
    const rule = { ...emptyRule('Some', 'UTC'), when: [emptyCondition('share', 'UTC')] };
    const sent = JSON.stringify(toRouting({ ...routingValuesOf(null), rules: [rule] }));
    expect(sent).toContain('"percent":null');
  });

  it('is none where nothing is said', () => {
    expect(toRouting(routingValuesOf(null))).toBeNull();
  });
});
