/** What GoodAnalytics' filtered lists of events promise (goodanalytics.md, 7.4 and 12). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import { day } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import type { ListEventsInput } from './list-events.ts';

const minute = 60_000;

describe.each(testDatabaseSizes)('a list of events on %s', (size) => {
  let context: TestContext;
  let people: People;

  const arrival = (source: string, campaign: string, clickIdType?: string) =>
    ({
      arrival: {
        source: {
          kind: 'campaign',
          source,
          campaign,
          confidence: 'certain',
          rule: 'test',
          ...(clickIdType !== undefined && { clickIdType }),
        },
      },
    }) as unknown as Partial<IncomingEvent>;
  const view = (who: string, at: number, path: string, more: Partial<IncomingEvent> = {}) =>
    people.see(who, at, {
      type: 'pageview',
      more: { url: `https://shop.example${path}`, ...more },
    });

  // Ann comes by google and looks at two pages, Ben by a newsletter at one and does something of his own.
  beforeAll(async () => {
    context = await openTestContext(size);
    context.clock.moveBy(noon + day - context.clock.now());
    people = await openNewPeople(context);
    await view('device:ann', 0, '/promo?utm=x', arrival('google', 'spring', 'gclid'));
    await view('device:ann', 1, '/pricing');
    await view('device:ben', 2, '/promo/', arrival('news', '50%_off'));
    await people.see('device:ben', 3, { type: 'custom', more: { name: 'apply_click' } });
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  /** When the events of a list happened, in minutes after noon. */
  const times = async (input: ListEventsInput): Promise<number[]> => {
    const { events } = orThrow(await people.hw.events.list(input));
    return events.map(({ occurredAt }) => (occurredAt.getTime() - noon) / minute);
  };

  it('begins with the newest, and says where each came from', async () => {
    expect(await times({})).toEqual([3, 2, 1, 0]);
    const { events } = orThrow(await people.hw.events.list({ limit: 1, offset: 3 }));
    expect(events).toMatchObject([
      { type: 'pageview', source: 'google', campaign: 'spring', clickIdType: 'gclid' },
    ]);
  });

  it.each<[string, ListEventsInput, number[]]>([
    ['of a type', { type: { in: ['custom'] } }, [3]],
    ['of no such type', { type: { notIn: ['pageview'] } }, [3]],
    ['of a name', { name: { in: ['apply_click'] } }, [3]],
    ['without a name', { name: { in: [null] } }, [2, 1, 0]],
    ['of a source', { source: { in: ['google'] } }, [1, 0]],
    ['of other sources', { source: { notIn: ['google'] } }, [3, 2]],
    ['of a campaign', { campaign: { in: ['50%_off'] } }, [3, 2]],
    ['with a click id', { clickId: { in: ['gclid'] } }, [1, 0]],
    ['without a click id', { clickId: { in: [null] } }, [3, 2]],
    ['of a path, however it is written', { url: { in: ['/promo'] } }, [2, 0]],
    ['of an address', { url: { in: ['https://shop.example/promo/?a=b'] } }, [2, 0]],
    ['of other paths', { url: { notIn: ['/promo'] } }, [3, 1]],
    ['that has a text in its name', { search: 'APPLY_' }, [3]],
    ['that has a text in its address', { search: 'pricing' }, [1]],
    ['whose text is no pattern', { search: '%' }, []],
    ['that nothing can be', { type: { in: ['custom'], notIn: ['custom'] } }, []],
    ['of a time, its end left out', { from: new Date(noon), to: new Date(noon + minute) }, [0]],
  ])('finds what is %s', async (_, input, found) => {
    expect(await times(input)).toEqual(found);
  });

  it('finds what a person did, by any of their visitors', async () => {
    const ben = await people.find('device:ben');
    expect(await times({ visitorId: ben!.visitorId })).toEqual([3, 2]);
    expect(await times({ visitorId: '01900000-0000-7000-8000-00000000dead' })).toEqual([]);
  });

  it('goes on behind a cursor, and ends', async () => {
    const first = orThrow(await people.hw.events.list({ limit: 3 }));
    expect(first.events).toHaveLength(3);
    expect(await times({ limit: 3, cursor: first.nextCursor })).toEqual([0]);
    const all = orThrow(await people.hw.events.list({ limit: 4 }));
    expect(all.nextCursor).toBeUndefined();
  });

  it.each<[string, object]>([
    ['type.in', { type: { in: ['nonsense'] } }],
    ['source.notIn', { source: { notIn: [] } }],
    ['url.in', { url: { in: ['a\0b'] } }],
    ['search', { search: '' }],
    ['from', { from: new Date(noon), to: new Date(noon) }],
    ['limit', { limit: 0 }],
    ['cursor', { cursor: 'x' }],
  ])('refuses what cannot be asked, by the name of %s', async (field, input) => {
    const refused = await people.hw.events.list(input);
    expect(refused).toMatchObject({ ok: false, code: 'invalid_query' });
    expect(refused).toHaveProperty(
      'errors',
      expect.objectContaining({ [field]: expect.any(Array) }),
    );
  });
});
