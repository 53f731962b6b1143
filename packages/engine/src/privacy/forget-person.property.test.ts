import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { Sighting } from '../../../../test/support/people.ts';
import { dumpTables, idsOfPerson } from '../../../../test/support/rows.ts';
import { orThrow } from '../kernel/result.ts';

const names = ['user:ann', 'user:ben', 'mail:ann', 'mail:ben', 'device:one', 'device:two', 'app:x'];

const sighting = fc
  .record({
    id: fc.uuid({ version: 7 }),
    who: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
    at: fc.integer({ min: 0, max: 90 }),
    type: fc.constantFrom('identify', 'pageview', 'link_click', 'lead', 'sale'),
  })
  .map(({ who, type, ...rest }): Sighting => ({
    ...rest,
    type: type as NonNullable<Sighting['type']>,
    who: who.join(' '),
    more: {
      ...(type === 'sale' ? { amountMinor: '100', currency: 'EUR' } : {}),
      ...(type === 'pageview' || type === 'link_click'
        ? { arrival: { source: { kind: 'campaign', source: 'news', medium: 'email' } } as never }
        : {}),
    },
  }));

describe('forgetPerson', () => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext('pglite');
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('takes one person out, whoever they shared devices and mailboxes with, and no replay takes anything in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(sighting, { minLength: 2, maxLength: 14, selector: ({ id }) => id }),
        fc.constantFrom(...names),
        async (sightings, name) => {
          const people = await openNewPeople(context);
          for (const seen of sightings) await people.seeTogether([seen]);
          const found = await people.find(name);
          if (found === undefined) return;
          const ids = await idsOfPerson(context, people.workspace.id, found.visitorId);
          const mentions = (row: string): boolean =>
            row.includes(people.workspace.id) && ids.some((id) => row.includes(id));
          const others = (dump: Record<string, string[]>): string[] =>
            Object.entries(dump).flatMap(([table, rows]) =>
              // Of keys and visits that several shared, what is theirs alone is blanked.
              ['erasure', 'event_key', 'session', 'visitor'].includes(table)
                ? []
                : rows.filter((row) => !mentions(row)).map((row) => `${table} ${row}`),
            );
          const before = await dumpTables(context);
          orThrow(await people.hw.privacy.forget({ visitorId: found.visitorId }));
          const after = await dumpTables(context);
          const left = new Set(others(after));
          expect(others(before).filter((row) => !left.has(row))).toEqual([]);
          for (const [table, rows] of Object.entries(after)) {
            // What names the blank visitors, for an hour as news for what processes remember.
            if (['identity', 'event_key', 'change'].includes(table)) continue;
            if (table === 'visitor') {
              const blank = rows
                .filter(mentions)
                .filter((row) => !/[0-9a-f-]{36},0,0,0,,f,0\)$/.test(row));
              expect(blank).toEqual([]);
              continue;
            }
            expect([table, rows.filter(mentions)]).toEqual([table, []]);
          }
          for (const { outcome } of await people.seeTogether(sightings))
            expect(['duplicate', 'rejected']).toContain(outcome);
          expect(await dumpTables(context)).toEqual(after);
        },
      ),
      { numRuns: 30, endOnFailure: true },
    );
  }, 120_000);
});
