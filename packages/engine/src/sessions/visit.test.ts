import { describe, expect, it } from 'vitest';

import { minute } from '../kernel/clock.ts';
import type { Source } from '../sources/source.ts';
import { decideVisit, findPastVisit, isTouch, sessionTimeout, sourceKey } from './visit.ts';

const base = { confidence: 'high', rule: 'utm' } as const;
const google: Source = {
  ...base,
  kind: 'campaign',
  source: 'google',
  medium: 'cpc',
  campaign: 'autumn',
};
const newsletter: Source = { ...base, kind: 'campaign', source: 'newsletter', medium: 'email' };
const internal: Source = { ...base, kind: 'internal' };
const referrer: Source = { ...base, kind: 'referrer', source: 'blog.test', medium: 'referral' };
const direct: Source = { ...base, kind: 'direct' };

/** A visit from minute 0 to minute 10 that google brought. */
const visit = {
  id: 'v',
  startedAt: 0,
  lastAt: 10 * minute,
  touchId: 't',
  source: sourceKey(google),
  events: 3,
  pageviews: 2,
  exitUrl: null,
  exitAt: null,
  engagedMilliseconds: 0,
  interactions: 0,
  conversions: 0,
  clicks: 0,
  joined: false,
};

describe('decideVisit', () => {
  it('opens a visit where there is none', () => {
    expect(decideVisit(undefined, 0, undefined)).toEqual({ kind: 'opens' });
  });

  it('goes on for 30 minutes after the last event, and not a millisecond longer', () => {
    expect(decideVisit(visit, 10 * minute + sessionTimeout, undefined)).toEqual({
      kind: 'continues',
    });
    expect(decideVisit(visit, 10 * minute + sessionTimeout + 1, undefined)).toEqual({
      kind: 'opens',
    });
  });

  it('opens another one for another campaign, whatever the time', () => {
    expect(decideVisit(visit, 11 * minute, newsletter)).toEqual({ kind: 'opens' });
    expect(decideVisit(visit, 11 * minute, { ...google, campaign: 'winter' })).toEqual({
      kind: 'opens',
    });
    expect(decideVisit({ ...visit, source: null }, 11 * minute, google)).toEqual({ kind: 'opens' });
  });

  it.each([
    ['the same campaign again, as a reload shows it', google],
    ['a page of the own site or a payment provider', internal],
    ['a referrer', referrer],
    ['nothing', direct],
  ])('goes on with %s', (_, source) => {
    expect(decideVisit(visit, 11 * minute, source)).toEqual({ kind: 'continues' });
  });

  it('sends what happened before its beginning to the past', () => {
    expect(decideVisit(visit, -1, undefined)).toEqual({ kind: 'earlier' });
    expect(decideVisit(visit, 0, undefined)).toEqual({ kind: 'continues' });
  });
});

describe('findPastVisit', () => {
  const past = (name: string, from: number, to: number) => ({
    name,
    startedAt: from * minute,
    lastEventAt: to * minute,
  });

  it('finds the visit that was going on', () => {
    const visits = [past('morning', 0, 20), past('noon', 60, 90)];
    expect(findPastVisit(visits, 10 * minute)!.name).toBe('morning');
    expect(findPastVisit(visits, 75 * minute)!.name).toBe('noon');
  });

  it('finds the nearest one within 30 minutes, whatever order they come in', () => {
    const visits = [past('morning', 0, 20), past('noon', 60, 90)];
    for (const order of [visits, visits.toReversed()]) {
      expect(findPastVisit(order, 25 * minute)!.name).toBe('morning');
      expect(findPastVisit(order, 55 * minute)!.name).toBe('noon');
      expect(findPastVisit(order, 120 * minute)!.name).toBe('noon');
      expect(findPastVisit(order, 121 * minute)).toBeUndefined();
    }
  });

  it('takes the later of two where a campaign cut one short', () => {
    const visits = [past('google', 0, 10), past('newsletter', 10, 20)];
    for (const order of [visits, visits.toReversed()])
      expect(findPastVisit(order, 10 * minute)!.name).toBe('newsletter');
  });
});

describe('isTouch', () => {
  it('is what opens a visit from outside', () => {
    expect([google, referrer, direct].map((source) => isTouch(source, true))).toEqual([
      true,
      true,
      true,
    ]);
    expect(isTouch(internal, true)).toBe(false);
    expect([google, referrer, direct].map((source) => isTouch(source, false))).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('sourceKey', () => {
  it('tells campaigns apart, and nothing else', () => {
    expect(sourceKey(google)).not.toBe(sourceKey(newsletter));
    expect(sourceKey({ ...google, content: 'blue', term: 'shoes' })).toBe(sourceKey(google));
    expect([referrer, direct, internal].map(sourceKey)).toEqual([null, null, null]);
    expect(sourceKey({ ...google, campaign: 'x'.repeat(1_000) })).toHaveLength(255);
  });
});
