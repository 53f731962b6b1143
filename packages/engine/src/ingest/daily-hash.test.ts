import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import { rowsAsText } from '../../../../test/support/rows.ts';
import { insertPendingClick } from '../capture/pending-click-store.ts';
import { createClickRecorder } from '../capture/record-click.ts';
import { minute } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { identifierKind } from '../visitors/identifier-kind.ts';
import { boundValues, succeedErased } from './daily-hash.ts';
import type { IncomingEvent } from './event.ts';

const office = 'cookieless:hash-of-an-office';

describe.each(testDatabaseSizes)(
  'the hash of a day that somebody was erased under, on %s',
  (size) => {
    let context: TestContext;
    beforeAll(async () => {
      context = await openTestContext(size);
    }, 60_000);
    afterAll(() => context[Symbol.asyncDispose]());

    /** The minute that it is, as sightings count them. */
    const now = (): number => (context.clock.now() - noon) / minute;
    const renamed = (event: IncomingEvent): IncomingEvent => {
      const id = context.createId(context.clock.now());
      return { ...event, id, key: id };
    };

    it('keeps them out, and counts whoever shares network and browser as somebody new', async () => {
      const people = await openNewPeople(context, { privacy: 'cookieless' });
      const see = (at: number) => people.see(office, at, { type: 'pageview' });
      const first = people.incoming({ who: office, at: now() - 5, type: 'pageview' });
      const erased = await context.ingest.submit(first);
      const visitorId = 'visitorId' in erased ? erased.visitorId : '';
      orThrow(await people.hw.privacy.forget({ visitorId }));

      for (const ingest of [context.ingest, context.another().ingest]) {
        // Sent again, sent again under another key, and what comes late of the time before.
        for (const event of [
          first,
          renamed(first),
          people.incoming({ who: office, at: now() - 1 }),
        ])
          expect(await ingest.submit(event)).toMatchObject({ code: 'visitor_erased' });
      }
      context.clock.moveBy(5 * minute);
      const neighbour = await see(now());
      expect(neighbour).toMatchObject({ outcome: 'accepted', identity: { outcome: 'created' } });
      expect(neighbour.visitorId).not.toBe(visitorId);
      for (const { ingest } of [context, context.another()]) {
        expect(
          await ingest.submit(people.incoming({ who: office, at: now() + 1, type: 'pageview' })),
        ).toMatchObject({ visitorId: neighbour.visitorId, identity: { outcome: 'known' } });
        expect(await ingest.submit(renamed(first))).toMatchObject({ code: 'visitor_erased' });
      }
      expect(await people.hw.visitors.get(neighbour.visitorId!)).toMatchObject({ pageviews: 3 });
      const rows = await rowsAsText(context, 'event');
      expect(rows.filter((row) => row.includes(visitorId))).toEqual([]);
    });

    it('keeps out everybody who was erased under it, one after the other', async () => {
      const people = await openNewPeople(context, { privacy: 'cookieless' });
      const lives: Array<{ readonly event: IncomingEvent; readonly visitorId: string }> = [];
      for (let life = 0; life < 3; life += 1) {
        context.clock.moveBy(5 * minute);
        const event = people.incoming({ who: office, at: now(), type: 'pageview' });
        const outcome = await context.ingest.submit(event);
        expect(outcome).toMatchObject({ outcome: 'accepted', identity: { outcome: 'created' } });
        const visitorId = 'visitorId' in outcome ? outcome.visitorId : '';
        lives.push({ event, visitorId });
        // A click of theirs that waits goes with them, also where theirs is not the first name of the hash.
        const held = people.incoming({ who: office, at: now(), type: 'link_click' });
        await insertPendingClick(context.database.db, held);
        context.clock.moveBy(minute);
        const receipt = orThrow(await people.hw.privacy.forget({ visitorId }));
        expect(receipt.rows).toMatchObject({ event: 1, pending_click: 1 });
      }
      expect(new Set(lives.map(({ visitorId }) => visitorId)).size).toBe(3);
      for (const { event } of lives) {
        expect(await context.ingest.submit(event)).toMatchObject({ code: 'visitor_erased' });
        expect(await context.ingest.submit(renamed(event))).toMatchObject({
          code: 'visitor_erased',
        });
      }
    });

    it('lets a prefetched click out of a spool that came after them, and none from before', async () => {
      const people = await openNewPeople(context, { privacy: 'cookieless' });
      const { visitorId } = await people.see(office, now() - 5, { type: 'pageview' });
      orThrow(await people.hw.privacy.forget({ visitorId: visitorId! }));
      context.clock.moveBy(5 * minute);
      const click = (at: number) => people.incoming({ who: office, at, type: 'link_click' });
      const [before, after] = [click(now() - 6), click(now())];
      const recorder = createClickRecorder(context, undefined);
      for (const event of [before, after]) await recorder.replay({ event, pending: true });
      const rows = await rowsAsText(context, 'pending_click');
      expect(rows.some((row) => row.includes(before.id))).toBe(false);
      expect(rows.some((row) => row.includes(after.id))).toBe(true);
    });

    it('comes in one batch for several people', async () => {
      const people = await openNewPeople(context, { privacy: 'cookieless' });
      const { visitorId } = await people.see(office, now() - 1, { type: 'pageview' });
      orThrow(await people.hw.privacy.forget({ visitorId: visitorId! }));
      const together = await people.seeTogether([
        { who: office, at: now() - 1, type: 'pageview' },
        { who: office, at: now() + 1, type: 'pageview' },
        { who: 'device:another', at: now() + 1, type: 'pageview' },
        { who: office, at: now() + 2, type: 'pageview' },
      ]);
      expect(together).toMatchObject([
        { code: 'visitor_erased' },
        { identity: { outcome: 'created' } },
        { identity: { outcome: 'created' } },
        { outcome: 'accepted' },
      ]);
      const [, second, , fourth] = together;
      expect(second).toMatchObject({ visitorId: (fourth as { visitorId: string }).visitorId });
    });
  },
);

describe('succeedErased', () => {
  it('has an end: who comes after the last name of a hash is refused until midnight', () => {
    const values = [...boundValues('cookieless', 'hash')];
    expect(values.slice(0, 3)).toEqual(['hash', 'hash~1', 'hash~2']);
    const kind = identifierKind('cookieless', {});
    const event = { occurredAt: 2 } as IncomingEvent;
    const last = { kind, value: values.at(-1)!, key: values.at(-1)! };
    const events = [{ event, identifiers: [last], weak: [], blocked: [] }];
    const recognition = { visitors: new Map([[last.key, 'v']]), erased: new Map([['v', 1]]) };
    expect(succeedErased(events, recognition)).toBe(events);
  });

  it('is about the hash of the day alone', () => {
    expect([...boundValues('fingerprint', 'print')]).toEqual(['print']);
  });
});
