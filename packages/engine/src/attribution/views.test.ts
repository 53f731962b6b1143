import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { assertSound } from '../../../../test/support/invariants.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { orThrow } from '../kernel/result.ts';

const hour = 3_600_000;
const day = 24 * hour;

let context: TestContext;
let people: People;
let linkId: string;
beforeAll(async () => {
  context = await openTestContext('pglite');
  context.clock.moveBy(noon + 40 * day - context.clock.now());
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  people = await openNewPeople(context);
  const link = orThrow(
    await people.hw.links.create({
      domain: `go-${people.workspace.id.slice(-12)}.test`,
      key: 'banner',
      url: 'https://shop.test/',
      utmSource: 'partner-site',
      utmMedium: 'display',
    }),
  );
  linkId = link.id;
  await people.see('user:ann', -1);
});
afterEach(async () => {
  await assertSound(context, people.workspace);
});

function track(type: 'impression' | 'sale' | 'pageview', hoursLater: number, more: object = {}) {
  const occurredAt = new Date(noon + hoursLater * hour);
  return people.hw.events.track({ type, externalId: 'ann', occurredAt, ...more });
}

async function creditsOf(input: object = {}) {
  const report = orThrow(
    await people.hw.attribution.report({
      from: new Date(noon - day),
      to: new Date(noon + 40 * day),
      dimension: 'source',
      models: ['last_touch'],
      ...input,
    }),
  );
  return Object.fromEntries(
    report.rows
      .filter(({ credits }) => credits['last_touch']!.conversions > 0)
      .map(({ kind, value, credits }) => [value ?? kind, credits['last_touch']!.conversions]),
  );
}

describe('what somebody only saw', () => {
  beforeEach(async () => {
    orThrow(await track('impression', 0, { linkId }));
    orThrow(await track('sale', 2, { amountMinor: 4_900n }));
  });

  it('earns nothing unless the window for views is open, and then within it', async () => {
    expect(await creditsOf()).toEqual({ unattributed: 1 });
    expect(await creditsOf({ viewLookbackDays: 1 })).toEqual({ 'partner-site': 1 });
    expect(await creditsOf({ viewLookbackDays: 0.05 })).toEqual({ unattributed: 1 });
  });

  it('gives way to whatever somebody followed', async () => {
    await track('pageview', -1, { url: 'https://shop.test/?utm_source=news', userAgent: 'x' });
    expect(await creditsOf({ viewLookbackDays: 1 })).toEqual({ news: 1 });
  });

  it('is no visit, no source of the person, no click of the link, and no activity', async () => {
    const { visitors } = orThrow(await people.hw.visitors.list());
    expect(visitors[0]).toMatchObject({ firstSource: undefined, lastSource: undefined });
    const stats = orThrow(await people.hw.links.stats(linkId));
    expect(stats).toMatchObject({ clicks: 0, sales: 0 });
    const period = { from: new Date(noon), to: new Date(noon + hour) };
    const { numbers } = orThrow(await people.hw.analytics.summary(period));
    expect(numbers).toMatchObject({ people: 0, events: 0, sessions: 0 });
  });

  it('stands on the path of the person as a view', async () => {
    const [visitor] = orThrow(await people.hw.visitors.list()).visitors;
    const { path } = orThrow(await people.hw.visitors.attribution(visitor!.id));
    expect(path).toMatchObject([{ kind: 'view', source: 'partner-site', linkId }]);
  });

  it('stays what it is in a rebuild', async () => {
    await people.hw.rebuild();
    expect(await creditsOf({ viewLookbackDays: 1 })).toEqual({ 'partner-site': 1 });
  });
});

it('an impression that says nothing of where it was seen is kept, and earns nothing', async () => {
  orThrow(await track('impression', 0));
  orThrow(await track('sale', 2, { amountMinor: 4_900n }));
  expect(await creditsOf({ viewLookbackDays: 1 })).toEqual({ unattributed: 1 });
});
