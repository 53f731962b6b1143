import { describe, expect, it } from 'vitest';

import { fc } from '../../../../../test/support/properties.ts';
import {
  arbitraryTouches,
  conversion,
  convertedAt,
  touch,
} from '../../../../../test/support/attribution-paths.ts';
import { day, hour } from '../../kernel/clock.ts';
import { eligibleTouches } from './eligible-touches.ts';
import type { Eligibility } from './eligible-touches.ts';
import type { Touch } from './path.ts';

function ids(touches: readonly Touch[], eligibility?: Eligibility): string[] {
  return eligibleTouches(touches, conversion, eligibility).map((each) => each.id);
}

function before(milliseconds: number, fields: Partial<Touch> = {}): Touch {
  return touch({ id: `${milliseconds}`, occurredAt: convertedAt - milliseconds, ...fields });
}

describe('eligibleTouches', () => {
  it('takes a touch at the moment of the conversion and none after it', () => {
    expect(ids([before(-1), before(0), before(1)])).toEqual(['1', '0']);
  });

  it('looks back 90 days, and exactly 90 days is too far', () => {
    expect(ids([before(90 * day), before(90 * day - 1)])).toEqual([`${90 * day - 1}`]);
  });

  it('looks back as far as it is told', () => {
    const touches = [before(8 * day), before(6 * day)];
    expect(ids(touches, { clickLookback: { days: 7 } })).toEqual([`${6 * day}`]);
  });

  it('takes no views unless it is told how far to look back for them', () => {
    const touches = [before(hour, { kind: 'view' })];
    expect(ids(touches)).toEqual([]);
    expect(ids(touches, { viewLookback: { hours: 1 } })).toEqual([]);
    expect(ids(touches, { viewLookback: { days: 1 } })).toEqual([`${hour}`]);
  });

  it('takes a view only where nothing that was followed is eligible', () => {
    const view = before(hour, { id: 'view', kind: 'view' });
    const click = before(2 * day, { id: 'click', kind: 'click' });
    const direct = before(1, { id: 'direct', kind: 'direct' });
    const viewLookback = { days: 1 };
    expect(ids([view, click], { viewLookback })).toEqual(['click']);
    expect(ids([view, direct], { viewLookback })).toEqual(['view', 'direct']);
    expect(ids([view, click], { viewLookback, clickLookback: { days: 1 } })).toEqual(['view']);
  });

  it('takes direct arrivals as a last resort where it is told to', () => {
    const direct = before(1, { id: 'direct', kind: 'direct' });
    const referrer = before(2, { id: 'referrer', kind: 'referrer' });
    expect(ids([referrer, direct])).toEqual(['referrer', 'direct']);
    expect(ids([referrer, direct], { direct: 'last_resort' })).toEqual(['referrer']);
    expect(ids([direct], { direct: 'last_resort' })).toEqual(['direct']);
  });

  it('leaves out what came up to the previous conversion', () => {
    const touches = [before(3), before(2), before(1)];
    expect(ids(touches, { since: convertedAt - 2 })).toEqual(['1']);
  });

  it('answers the same, oldest first, in whatever order touches come', () => {
    const orders = arbitraryTouches.chain((touches) =>
      fc.tuple(
        fc.constant(touches),
        fc.shuffledSubarray(touches, { minLength: touches.length, maxLength: touches.length }),
      ),
    );
    fc.assert(
      fc.property(orders, ([touches, shuffled]) => {
        const found = eligibleTouches(touches, conversion);
        expect(eligibleTouches(shuffled, conversion)).toEqual(found);
        const times = found.map((each) => each.occurredAt);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
    );
  });
});
