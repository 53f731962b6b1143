import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { rollUpAll } from '../../packages/engine/src/analytics/roll-up-all.ts';
import { modelNames } from '../../packages/engine/src/attribution/models/model.ts';
import type { IngestOutcome } from '../../packages/engine/src/ingest/event.ts';
import { minute } from '../../packages/engine/src/kernel/clock.ts';
import { orThrow } from '../../packages/engine/src/kernel/result.ts';
import { openTestContext } from '../support/context.ts';
import type { TestContext, TestDatabaseSize } from '../support/context.ts';
import { describeWorkspace } from '../support/describe-workspace.ts';
import { writeEventFile } from '../support/event-file.ts';
import type { Delivery } from '../support/event-file.ts';
import { findBroken } from '../support/invariants.ts';
import { noon, openNewPeople } from '../support/people.ts';
import type { People } from '../support/people.ts';
import { propertySeed } from '../support/properties.ts';

/** `HEADWATER_DIFFERENTIAL_EVENTS=100000` writes a longer file, `PROPERTY_SEED` another one. */
const events = Number(process.env['HEADWATER_DIFFERENTIAL_EVENTS'] ?? 160);
const workspaces = 2;
const timeout = 60_000 + events * 100;
const file = writeEventFile({ events, workspaces, seed: propertySeed });
const end = Math.max(...file.flatMap(({ sightings }) => sightings.map(({ at }) => at)));
const window = { from: new Date(noon - 4_000 * minute), to: new Date(noon + (end + 1) * minute) };
const sizes: readonly TestDatabaseSize[] = [
  'pglite',
  'postgres',
  ...(process.env['HEADWATER_CITUS_URL'] === undefined ? [] : (['citus'] as const)),
];

/** The file in one database: its workspaces, and what every event of it was answered. */
interface Copy {
  readonly context: TestContext;
  readonly people: readonly People[];
  readonly answers: readonly string[];
}

describe(`a file of ${events} events (seed ${propertySeed})`, () => {
  let copies: Copy[];
  beforeAll(async () => {
    copies = [];
    // One after the other: PGlite does its work in this process, and another database's answers would wait for it.
    for (const size of sizes) copies.push(await take(await openTestContext(size)));
  }, timeout);
  afterAll(async () => {
    for (const { context } of copies) await context[Symbol.asyncDispose]();
  });

  // Another seed may leave something out of so short a file.
  it.skipIf(process.env['PROPERTY_SEED'] !== undefined)(
    'has everything in it that may happen to an event',
    () => {
      const answers = new Set(copies[0]!.answers);
      for (const answer of [
        'accepted created',
        'accepted known',
        'accepted linked',
        'accepted merged',
        'accepted refused different_external_id',
        'accepted none',
        'duplicate',
        'rejected visitor_not_found',
        'joined: accepted merged',
      ])
        expect([...answers]).toContainEqual(expect.stringMatching(`^${answer}`));
    },
  );

  it(
    `gives the same on ${sizes.join(' and ')}: as it comes, after a rebuild, and after one of what was spoilt`,
    async () => {
      const [first, ...others] = copies;
      for (const other of others) expect(other.answers).toEqual(first!.answers);
      await expectSame();
      for (const copy of copies) await rebuild(copy);
      const rebuilt = await expectSame();
      for (const copy of copies) {
        await spoil(copy);
        await rebuild(copy);
      }
      expect(await expectSame()).toEqual(rebuilt);
    },
    timeout,
  );

  /** What the first copy says, which is what all of them say. */
  async function expectSame() {
    const [first, ...others] = copies;
    const said = await describeCopy(first!);
    for (const other of others) expect(await describeCopy(other)).toEqual(said);
    return said;
  }
});

/** Damages everything that follows from the events, but for who is whom. */
async function spoil({ context, people }: Copy): Promise<void> {
  for (const { workspace } of people)
    for (const wrong of [
      'update headwater.visitor set events = 7, pageviews = 7, sessions = 7, session_source = $$x$$, revision = revision + 1 where workspace_id = $1',
      'update headwater.session set pageviews = 0, conversions = 9, interactions = 9 where workspace_id = $1',
      'update headwater.link_counter set clicks = 9, sales = 9, unique_clicks = 9 where workspace_id = $1',
      'update headwater.link_revenue set amount_minor = 9 where workspace_id = $1',
      'update headwater.visitor_revenue set amount_minor = 1 where workspace_id = $1',
      'delete from headwater.conversion where workspace_id = $1',
    ])
      await context.database.run({ name: '', text: wrong }, [workspace.id]);
}

async function rebuild({ context, people }: Copy): Promise<void> {
  for (const { hw, workspace } of people) {
    await hw.rebuild();
    expect(await findBroken(context, workspace)).toEqual([]);
  }
}

async function take(context: TestContext): Promise<Copy> {
  context.clock.moveBy(window.to.getTime() - context.clock.now());
  const people = [];
  for (let workspace = 0; workspace < workspaces; workspace += 1)
    people.push(await openNewPeople(context));
  const answers: string[] = [];
  for (const delivery of file)
    answers.push(...(await deliver(context, people[delivery.workspace]!, delivery)));
  return { context, people, answers };
}

/** As one batch on every database, so that batches are no difference. */
async function deliver(
  context: TestContext,
  people: People,
  { sightings, join }: Delivery,
): Promise<string[]> {
  const together = {};
  const outcomes = await Promise.all(
    sightings.map((sighting) => context.ingest.submit(people.incoming(sighting), { together })),
  );
  const answers = outcomes.map(describeOutcome);
  const [one, two] = await Promise.all((join?.names ?? []).map((name) => people.find(name)));
  if (join !== undefined && one !== undefined && two !== undefined) {
    const more = {
      visitorId: one.visitorId,
      sameAsVisitorId: two.visitorId,
      createsVisitor: false,
    };
    const joined = await context.ingest.submit(people.incoming({ who: '', ...join, more }));
    answers.push(`joined: ${describeOutcome(joined)}`);
  }
  return answers;
}

function describeOutcome(outcome: IngestOutcome): string {
  if (outcome.outcome === 'rejected') return `rejected ${outcome.code}`;
  const { outcome: identity, reason = '', demoted = [] } = outcome.identity;
  return `${outcome.outcome} ${identity} ${reason} ${demoted.join()}`.trim();
}

/** People, visits, credits by every model, counters, and what reports say from their roll-ups. */
async function describeCopy({ context, people }: Copy) {
  while ((await rollUpAll(context)).goesOn);
  const described = [];
  for (const each of people) {
    const { workspace, hw } = each;
    const names = new Set(
      file
        .filter((delivery) => people[delivery.workspace] === each)
        .flatMap(({ sightings }) => sightings.flatMap(({ who }) => who.split(' '))),
    );
    const asked = { ...window, limit: 200 };
    const breakdown = async (dimension: string, metrics: readonly string[]) =>
      orThrow(await hw.analytics.breakdown({ ...asked, dimension, metrics })).rows;
    const credit = [];
    for (const model of modelNames) {
      const report = await hw.attribution.report({
        ...asked,
        models: [model],
        dimension: 'source',
      });
      const { totals, rows } = orThrow(report);
      credit.push({ model, totals, rows });
    }
    const hours = await context.database.run(
      {
        name: '',
        text: 'select hour, stale from headwater.activity_hour where workspace_id = $1 order by 1',
      },
      [workspace.id],
    );
    described.push({
      ...(await describeWorkspace(context, each, [...names])),
      partition: await each.partition(names),
      credit,
      hours,
      summary: orThrow(await hw.analytics.summary(window)).numbers,
      channels: await breakdown('channel', ['sessions', 'people', 'revenue', 'sales']),
      pages: await breakdown('page', ['pageviews', 'people']),
      countries: await breakdown('country', ['people']),
    });
  }
  return described;
}
