import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fc, propertySeed } from '../../../../test/support/properties.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People, Sighting } from '../../../../test/support/people.ts';
import { orThrow } from '../kernel/result.ts';
import type { FunnelDefinition, FunnelStep } from './funnel.ts';

const runs = 12;
const timeLimit = 10_000 + runs * 1_000;
const parameters = { numRuns: runs, interruptAfterTimeLimit: timeLimit };
const timeout = timeLimit + 10_000;

const minute = 60_000;
const dayMinutes = 24 * 60;
const period = { from: new Date(noon), to: new Date(noon + 2 * dayMinutes * minute) };
const devices = ['device:1', 'device:2', 'device:3', 'device:4', 'device:5'];
const kinds = ['/a', '/b', 'lead', 'sale'] as const;
type Kind = (typeof kinds)[number];

/** What happened: an event of a device, a login that names who uses it, or the undo of the latest merge. */
type Act =
  | {
      readonly does: 'event';
      readonly who: string;
      readonly at: number;
      readonly kind: Kind;
      readonly country: string;
    }
  | { readonly does: 'login'; readonly who: string; readonly at: number; readonly user: string }
  | { readonly does: 'undo' };

// Some at the edges of the period and of the window, many at the same minute.
const at = fc.oneof(
  fc.integer({ min: -30, max: 90 }),
  fc.integer({ min: -dayMinutes, max: 4 * dayMinutes }),
  fc.constantFrom(0, dayMinutes, 2 * dayMinutes, 3 * dayMinutes),
);
const event = fc.record({
  does: fc.constant('event' as const),
  who: fc.constantFrom(...devices),
  at,
  kind: fc.constantFrom(...kinds),
  country: fc.constantFrom('DE', 'FR'),
});
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 12, arbitrary: event },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('login' as const),
      who: fc.constantFrom(...devices),
      at,
      user: fc.constantFrom('user:ann', 'mail:ann', 'mail:bob'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ does: 'undo' as const }) },
);
const funnel = fc.record({
  steps: fc.array(fc.uniqueArray(fc.constantFrom(...kinds), { minLength: 1, maxLength: 2 }), {
    minLength: 2,
    maxLength: 4,
  }),
  days: fc.constantFrom(1, 2),
  scope: fc.constantFrom('person' as const, 'session' as const),
  country: fc.constantFrom(undefined, 'DE'),
});
type Asked = typeof funnel extends fc.Arbitrary<infer Value> ? Value : never;

function toDefinition({ steps, days, scope, country }: Asked): FunnelDefinition {
  return {
    steps: steps.map((wanted): FunnelStep => ({
      combine: 'any',
      filters: wanted.map((kind) =>
        kind === 'lead' || kind === 'sale'
          ? { kind: 'event', type: kind }
          : { kind: 'url', value: kind },
      ),
    })),
    window: { days },
    scope,
    filters: country === undefined ? [] : [{ dimension: 'country', values: [country] }],
  };
}

async function happen(people: People, acts: readonly Act[]): Promise<void> {
  for (const item of acts) {
    if (item.does === 'undo') {
      await undoLatest(people);
      continue;
    }
    const { who, at: minutes } = item;
    if (item.does === 'login') {
      await people.see(`${who} ${item.user}`, minutes);
      continue;
    }
    const isPage = item.kind.startsWith('/');
    const more = {
      place: { countryCode: item.country } as NonNullable<Sighting['more']>['place'],
      ...(isPage && { url: `https://shop.test${item.kind}?x=${minutes}` }),
    } as NonNullable<Sighting['more']>;
    const type = isPage ? 'pageview' : (item.kind as 'lead' | 'sale');
    await people.see(who, minutes, { type, more });
  }
}

async function undoLatest(people: People): Promise<void> {
  for (const device of devices) {
    const found = await people.find(device);
    if (found === undefined) continue;
    const evidence = orThrow(await people.hw.visitors.evidence(found.rootId));
    const merge = evidence.merges.findLast(({ undoneAt }) => undoneAt === undefined);
    if (merge === undefined) continue;
    orThrow(await people.hw.visitors.undoMerge(merge.id));
    return;
  }
}

interface StoredEvent {
  readonly id: string;
  readonly person: string;
  readonly session: string | null;
  readonly country: string | null;
  readonly at: number;
  readonly kind: string;
}

/** Every event as a person's, in the order of (time, id). */
async function storedEvents(context: TestContext, people: People): Promise<StoredEvent[]> {
  const rows = await context.database.run<Omit<StoredEvent, 'at'> & { at: Date }>(
    {
      name: '',
      text: `select e.id, v.root_id as person, e.session_id as session, s.country_code as country, e.occurred_at as at,
  case e.type when 'pageview' then substring(e.url from 'test(/[a-z]+)') else e.type end as kind
from headwater.event e join headwater.visitor v on v.workspace_id = e.workspace_id and v.id = e.visitor_id
left join headwater.session s on s.workspace_id = e.workspace_id and s.id = e.session_id
where e.workspace_id = $1 order by e.occurred_at, e.id`,
    },
    [people.workspace.id],
  );
  return rows.map((row) => ({ ...row, at: row.at.getTime() }));
}

interface Path {
  readonly times: readonly number[];
  readonly country: string;
  readonly session: string;
}

/** The same by hand: each entry of each person is followed, and the first of those that got furthest counts. */
function pathsByHand(events: readonly StoredEvent[], asked: Asked): Map<string, Path> {
  const best = new Map<string, Path>();
  for (const [index, entry] of events.entries()) {
    const { steps, scope, country } = asked;
    if (!steps[0]!.includes(entry.kind as Kind)) continue;
    if (entry.at < period.from.getTime() || entry.at >= period.to.getTime()) continue;
    if (country !== undefined && entry.country !== country) continue;
    if (scope === 'session' && entry.session === null) continue;
    const times = [entry.at];
    for (const next of events.slice(index + 1)) {
      if (next.person !== entry.person) continue;
      if (scope === 'session' && next.session !== entry.session) continue;
      if (next.at > entry.at + asked.days * dayMinutes * minute) break;
      if (steps[times.length]?.includes(next.kind as Kind) === true) times.push(next.at);
    }
    const before = best.get(entry.person);
    const path = { times, country: entry.country ?? '(not set)', session: entry.session ?? '~' };
    if (before === undefined || isBetter(path, before)) best.set(entry.person, path);
  }
  return best;
}

/** Two devices may enter in the same instant: then their visits decide. */
function isBetter(path: Path, than: Path): boolean {
  if (path.times.length !== than.times.length) return path.times.length > than.times.length;
  return path.times[0] === than.times[0] && path.session < than.session;
}

/** As PostgreSQL's percentile_cont: between the two nearest ranks. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const rank = share * (sorted.length - 1);
  const low = sorted[Math.floor(rank)]!;
  return low + (sorted[Math.ceil(rank)]! - low) * (rank - Math.floor(rank));
}

describe.each(testDatabaseSizes)(`funnels on %s (seed ${propertySeed})`, (size) => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext(size);
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it(
    'are what following everybody by hand gives, whoever turns out to be one',
    { timeout },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(act, { minLength: 5, maxLength: 30 }),
          fc.array(funnel, { minLength: 3, maxLength: 3 }),
          async (acts, questions) => {
            const people = await openNewPeople(context);
            await happen(people, acts);
            const events = await storedEvents(context, people);
            for (const asked of questions) await compare(people, pathsByHand(events, asked), asked);
          },
        ),
        parameters,
      );
    },
  );

  async function compare(people: People, expected: Map<string, Path>, asked: Asked): Promise<void> {
    const definition = toDefinition(asked);
    const paths = [...expected.values()];
    const reached = (step: number) => paths.filter(({ times }) => times.length >= step);
    const report = orThrow(await people.hw.funnels.report(definition, period));
    expect(report.steps.map((step) => step.people)).toEqual(
      asked.steps.map((_, index) => reached(index + 1).length),
    );
    for (const [index, step] of report.steps.entries()) {
      const seconds = reached(index + 1).map(
        ({ times }) => (times[index]! - (times[index - 1] ?? 0)) / 1_000,
      );
      if (index === 0 || seconds.length === 0) expect(step.secondsFromPrevious).toBeUndefined();
      else {
        expect(step.secondsFromPrevious?.median).toBeCloseTo(quantile(seconds, 0.5), 2);
        expect(step.secondsFromPrevious?.p90).toBeCloseTo(quantile(seconds, 0.9), 2);
      }
    }

    const by = orThrow(
      await people.hw.funnels.report(definition, { ...period, dimension: 'country' }),
    );
    expect({ ...by, breakdown: undefined }).toEqual(report);
    for (const { value, steps } of by.breakdown!.groups) {
      expect(steps.map((step) => step.people)).toEqual(
        asked.steps.map((_, i) => reached(i + 1).filter(({ country }) => country === value).length),
      );
    }
    expect(by.breakdown!.others).toEqual(asked.steps.map(() => 0));

    const last = Math.max(1, ...paths.map(({ times }) => times.length));
    for (const step of [1, last]) {
      const page = orThrow(
        await people.hw.funnels.people(definition, { ...period, step, limit: 200 }),
      );
      const listed = page.people.map(({ visitorId, reachedAt }) => [
        visitorId,
        reachedAt.map((time) => time.getTime()),
      ]);
      expect(new Map(listed as Array<[string, number[]]>)).toEqual(
        new Map(
          [...expected]
            .filter(([, { times }]) => times.length >= step)
            .map(([person, { times }]) => [person, times]),
        ),
      );
    }
  }
});
