import { afterAll, beforeAll, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { assertSound } from '../../../../test/support/invariants.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People, Sighting } from '../../../../test/support/people.ts';
import { orThrow } from '../kernel/result.ts';
import type { ModelChoice } from './chosen-model.ts';
import type { CreditRow } from './list-credits.ts';

let context: TestContext;
beforeAll(async () => {
  context = await openTestContext('pglite');
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());

const models = [
  'first_touch',
  'last_touch',
  'last_non_direct',
  'linear',
  'time_decay',
  'position_based',
  'w_shaped',
] as const satisfies readonly ModelChoice[];
const period = { from: new Date(noon - 1), to: new Date(noon + 400 * 86_400_000) };

/** What happens to three customers with two devices each, an hour or more apart. */
const happening = fc.record({
  what: fc.constantFrom(
    'arrive',
    'arrive',
    'login',
    'sale',
    'lead',
    'refund',
    'named refund',
    'shop refund',
    'removal',
  ),
  user: fc.nat(2),
  device: fc.nat(1),
  hours: fc.integer({ min: 1, max: 300 }),
  amount: fc.integer({ min: 1, max: 99_999 }),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** Every moment is there once, so that nothing is ambiguous. A shop takes back from anybody's sale, by its name. */
function toSightings(happenings: readonly Happening[]): Sighting[] {
  const keys = happenings.map(() => context.createId(noon));
  let at = 0;
  return happenings.map(({ what, user, device, hours, amount }, index): Sighting => {
    at += hours * 60;
    const [who, own] = [`user:u${user}`, `device:${user}${'xy'[device]}`];
    const money = { amountMinor: String(amount), currency: 'EUR' };
    const event = { at, id: context.createId(noon) };
    if (what === 'arrive') {
      const source = {
        confidence: 'certain',
        rule: 'test',
        kind: 'campaign',
        source: `s${index}`,
        channel: `c${index % 5}`,
      } as const;
      return { ...event, who: own, type: 'pageview', more: { arrival: { source } } };
    }
    if (what === 'login') return { ...event, who: `${who} ${own}` };
    if (what === 'lead') return { ...event, who, type: 'lead' };
    if (what === 'sale')
      return { ...event, who: own, type: 'sale', more: { ...money, key: keys[index]! } };
    if (what === 'shop refund') {
      const sales = happenings.flatMap((each, place) => (each.what === 'sale' ? [place] : []));
      const named = keys[sales[amount % Math.max(sales.length, 1)] ?? 0];
      const more = { ...money, properties: { refund_of: named } };
      return { ...event, who: `user:shop${user}`, type: 'refund', more };
    }
    const sale = happenings.findIndex((each) => each.what === 'sale' && each.user === user);
    const named = { properties: { refund_of: keys[Math.max(sale, 0)] } };
    if (what === 'removal') return { ...event, who, type: 'refund' };
    return {
      ...event,
      who,
      type: 'refund',
      more: { ...money, ...(what === 'named refund' && named) },
    };
  });
}

async function tell(people: People, sightings: readonly Sighting[], batch: number): Promise<void> {
  for (let start = 0; start < sightings.length; start += batch) {
    const outcomes = await people.seeTogether(sightings.slice(start, start + batch));
    expect(outcomes.every(({ outcome }) => outcome === 'accepted')).toBe(true);
  }
}

async function reportOf(people: People) {
  const { rows, totals } = orThrow(
    await people.hw.attribution.report({ ...period, models: [...models, 'markov', 'shapley'] }),
  );
  return { rows, totals };
}

async function rowsOf(people: People): Promise<CreditRow[]> {
  const rows: CreditRow[] = [];
  const pages = orThrow(await people.hw.attribution.credits({ ...period, models }));
  for await (const page of pages) rows.push(...page);
  return rows;
}

it('gives the same credit in whatever order the events are told, and every cent of it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 10, maxLength: 40 }),
      fc.integer({ min: 1, max: 15 }),
      fc.infiniteStream(fc.nat()),
      async (happenings, batch, random) => {
        const sightings = toSightings(happenings);
        const shuffled = sightings
          .map((sighting) => ({ sighting, rank: random.next().value as number }))
          .toSorted((a, b) => a.rank - b.rank)
          .map(({ sighting }) => sighting);
        const [inOrder, anyhow] = [await openNewPeople(context), await openNewPeople(context)];
        await tell(inOrder, sightings, batch);
        await tell(anyhow, shuffled, batch);

        const report = await reportOf(inOrder);
        expect(await reportOf(anyhow)).toEqual(report);
        await assertSound(context, anyhow.workspace);

        // The rows of the ledger are the report, and add up to it.
        const rows = await rowsOf(anyhow);
        for (const model of models) {
          const ledger = rows.filter((row) => row.model === model);
          const byConversion = Map.groupBy(ledger, ({ conversionId }) => conversionId);
          for (const [, own] of byConversion) {
            const parts = own.reduce((sum, row) => sum + row.conversions, 0);
            expect(Math.abs(parts - Math.round(parts))).toBeLessThan(1e-9);
          }
          const total = report.rows
            .filter(({ kind }) => kind === 'value')
            .reduce((sum, row) => sum + (row.credits[model]?.revenue[0]?.amountMinor ?? 0n), 0n);
          expect(
            ledger
              .filter(({ kind }) => kind === 'value')
              .reduce((sum, row) => sum + row.amountMinor, 0n),
          ).toBe(total);
        }
      },
    ),
    { numRuns: 25, endOnFailure: true },
  );
}, 300_000);

it('is as before when a merge is taken back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 10, maxLength: 30 }), async (happenings) => {
      const people = await openNewPeople(context);
      // Nobody logs in, so that devices stay apart until somebody joins two of them; and nothing is removed without a
      // name, which may find what it means when they are joined.
      const sightings = toSightings(
        happenings.filter(({ what }) => what !== 'login' && what !== 'removal'),
      ).map((sighting) => ({ ...sighting, who: sighting.who.replace('user:', 'device:') }));
      await tell(people, sightings, 10);
      const before = await reportOf(people);
      const { visitors } = orThrow(await people.hw.visitors.list());
      const [visitor, other] = visitors;
      if (visitor === undefined || other === undefined) return;
      const joined = orThrow(
        await people.hw.visitors.merge({ visitorId: visitor.id, otherVisitorId: other.id }),
      );
      const merged = await reportOf(people);
      expect(sumOf(merged.totals.revenue)).toBe(sumOf(before.totals.revenue));
      const { merges } = orThrow(await people.hw.visitors.evidence(visitor.id));
      orThrow(
        await people.hw.visitors.undoMerge(
          merges.find(({ eventId }) => eventId === joined.eventId)!.id,
        ),
      );
      expect(await reportOf(people)).toEqual(before);
      await assertSound(context, people.workspace);
    }),
    { numRuns: 15, endOnFailure: true },
  );
}, 300_000);

it('adds up through any merges and undos, and nobody gives back more than was paid', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 10, maxLength: 30 }),
      fc.array(fc.record({ undoes: fc.boolean(), one: fc.nat(), other: fc.nat() }), {
        minLength: 4,
        maxLength: 8,
      }),
      async (happenings, steps) => {
        const people = await openNewPeople(context);
        const sightings = toSightings(
          happenings.filter(({ what }) => what !== 'login' && what !== 'removal'),
        ).map((sighting) => ({ ...sighting, who: sighting.who.replace('user:u', 'device:u') }));
        await tell(people, sightings, 10);
        const before = await reportOf(people);
        const { visitors } = orThrow(await people.hw.visitors.list({ limit: 200 }));
        const standing: string[] = [];
        const undo = async (): Promise<void> => {
          orThrow(await people.hw.visitors.undoMerge(standing.pop()!));
        };
        for (const { undoes, one, other } of steps) {
          if (undoes && standing.length > 0) await undo();
          else {
            const [visitorId, otherVisitorId] = [one, other].map(
              (at) => visitors[at % visitors.length]!.id,
            );
            const joined = await people.hw.visitors.merge({
              visitorId: visitorId!,
              otherVisitorId: otherVisitorId!,
            });
            if (!joined.ok) continue;
            const { merges } = orThrow(await people.hw.visitors.evidence(visitorId!));
            const merge = merges.find(({ eventId }) => eventId === joined.value.eventId);
            if (merge !== undefined) standing.push(merge.id);
          }
          const { rows, totals } = await reportOf(people);
          expect(sumOf(totals.revenue)).toBe(sumOf(before.totals.revenue));
          for (const model of [...models, 'markov', 'shapley']) {
            const earned = rows.map((row) => sumOf(row.credits[model]?.revenue ?? []));
            expect(earned.reduce((sum, amount) => sum + amount, 0n)).toBe(sumOf(totals.revenue));
          }
          await assertNothingOverpaid(people);
        }
        while (standing.length > 0) await undo();
        expect(await reportOf(people)).toEqual(before);
        await assertSound(context, people.workspace);
      },
    ),
    { numRuns: 10, endOnFailure: true },
  );
}, 300_000);

async function assertNothingOverpaid(people: People): Promise<void> {
  const rows = await context.database.run<{ id: string }>(
    {
      name: '',
      text: `select c.id from headwater.conversion c
join headwater.conversion r on r.workspace_id = c.workspace_id and r.reverses_id = c.id
where c.workspace_id = $1 group by c.id, c.amount_minor having sum(coalesce(r.amount_minor, 0)) + coalesce(c.amount_minor, 0) < 0`,
    },
    [people.workspace.id],
  );
  expect(rows).toEqual([]);
}

function sumOf(revenue: ReadonlyArray<{ readonly amountMinor: bigint }>): bigint {
  return revenue.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}
