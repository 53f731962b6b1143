import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import type { EventType, IncomingEvent } from '../ingest/event.ts';
import { orThrow } from '../kernel/result.ts';
import type { FunnelDefinition, FunnelStep } from './funnel.ts';

const hour = 60;
const day = 24 * hour;
const from = new Date(noon);
const to = new Date(noon + 3_600_000);
const period = { from, to };

const pricing: FunnelStep = { filters: [{ kind: 'url', value: '/pricing' }] };
const signup: FunnelStep = { filters: [{ kind: 'event', type: 'registration' }] };
const sale: FunnelStep = { filters: [{ kind: 'event', type: 'sale' }] };
const threeSteps: FunnelDefinition = { steps: [pricing, signup, sale] };

function page(path: string, more: Partial<IncomingEvent> = {}) {
  return {
    type: 'pageview' as EventType,
    more: { url: `https://shop.test${path}`, ...more },
  };
}
const event = (type: EventType, more: Partial<IncomingEvent> = {}) => ({ type, more });

function arrival(source: string, channel: string) {
  return {
    arrival: {
      source: {
        kind: 'campaign',
        source,
        medium: 'cpc',
        confidence: 'certain',
        rule: 'utm',
        channel,
      },
    },
  } as const;
}

describe.each(testDatabaseSizes)('a funnel on %s', (size) => {
  let context: TestContext;
  let people: People;
  beforeAll(async () => {
    context = await openTestContext(size);
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const start = async (): Promise<void> => {
    people = await openNewPeople(context);
  };
  const ask = async (
    definition: FunnelDefinition,
    input: Partial<Parameters<People['hw']['funnels']['report']>[1]> = {},
  ) => orThrow(await people.hw.funnels.report(definition, { ...period, ...input }));
  const counts = async (definition: FunnelDefinition, input = {}) =>
    (await ask(definition, input)).steps.map((step) => step.people);

  it('counts the people of each step, what they took and who dropped off', async () => {
    await start();
    for (const [who, ...minutes] of [
      ['device:a', 1, 3, 13],
      ['device:b', 1, 5, 25],
      ['device:c', 2, 12],
      ['device:d', 4],
    ] as const) {
      const kinds = [page('/pricing'), event('registration'), event('sale')];
      for (const [index, at] of minutes.entries()) await people.see(who, at, kinds[index]);
    }
    expect(await ask(threeSteps)).toEqual({
      from,
      to,
      complete: false,
      entered: 4,
      converted: 2,
      conversionRate: 0.5,
      secondsToConvert: { median: 18 * 60, p90: 1_368 },
      breakdown: undefined,
      steps: [
        {
          label: '/pricing',
          people: 4,
          rate: 1,
          rateOfPrevious: 1,
          droppedOff: 1,
          dropOffRate: 0.25,
          secondsFromPrevious: undefined,
        },
        {
          label: 'registration',
          people: 3,
          rate: 0.75,
          rateOfPrevious: 0.75,
          droppedOff: 1,
          dropOffRate: 1 / 3,
          secondsFromPrevious: { median: 240, p90: 528 },
        },
        {
          label: 'sale',
          people: 2,
          rate: 0.5,
          rateOfPrevious: 2 / 3,
          droppedOff: 0,
          dropOffRate: 0,
          secondsFromPrevious: { median: 900, p90: 1_140 },
        },
      ],
    });
  });

  it('says nothing of rates and times where nobody entered', async () => {
    await start();
    expect(await ask(threeSteps)).toMatchObject({
      entered: 0,
      converted: 0,
      conversionRate: undefined,
      secondsToConvert: undefined,
      steps: [{ people: 0, rate: undefined, dropOffRate: undefined }, {}, {}],
    });
  });

  it('wants the steps in their order', async () => {
    await start();
    await people.see('device:a', 1, event('sale'));
    await people.see('device:a', 2, event('registration'));
    await people.see('device:a', 3, page('/pricing'));
    expect(await counts(threeSteps)).toEqual([1, 0, 0]);
    await people.see('device:a', 4, event('registration'));
    expect(await counts(threeSteps)).toEqual([1, 1, 0]);
  });

  it('never counts one event for two steps', async () => {
    await start();
    const twice: FunnelDefinition = { steps: [pricing, pricing] };
    await people.see('device:a', 1, page('/pricing'));
    expect(await counts(twice)).toEqual([1, 0]);
    await people.see('device:a', 2, page('/pricing'));
    expect(await counts(twice)).toEqual([1, 1]);
  });

  it('counts merged visitors once, over all their devices, and undoes that with the merge', async () => {
    await start();
    await people.see('device:phone', 1, page('/pricing'));
    await people.see('device:laptop', 2, event('registration'));
    await people.see('device:tablet', 3, page('/pricing'));
    await people.see('device:laptop', 4, event('sale'));
    expect(await counts(threeSteps)).toEqual([2, 0, 0]);
    await people.see('device:phone user:ann', 5);
    await people.see('device:laptop user:ann', 6);
    await people.see('device:tablet user:ann', 7);
    expect(await counts(threeSteps)).toEqual([1, 1, 1]);

    const { rootId } = (await people.find('user:ann'))!;
    const { merges } = orThrow(await people.hw.visitors.evidence(rootId));
    for (const { id } of merges.toReversed()) orThrow(await people.hw.visitors.undoMerge(id));
    expect(await counts(threeSteps)).toEqual([2, 0, 0]);
  });

  it('lets the last step be as late as the window is long, and no later', async () => {
    await start();
    const oneDay: FunnelDefinition = { steps: [pricing, sale], window: { days: 1 } };
    await people.see('device:a', 0, page('/pricing'));
    await people.see('device:a', day, event('sale'));
    await people.see('device:b', 0, page('/pricing'));
    await people.see('device:b', day + 1, event('sale'));
    expect(await counts(oneDay)).toEqual([2, 1]);
  });

  it('counts who enters in the period, also where the rest comes after it', async () => {
    await start();
    await people.see('device:before', -1, page('/pricing'));
    await people.see('device:before', 10, event('sale'));
    await people.see('device:first', 0, page('/pricing'));
    await people.see('device:first', 2 * hour, event('sale'));
    await people.see('device:after', hour, page('/pricing'));
    expect(await counts({ steps: [pricing, sale] })).toEqual([1, 1]);
  });

  it('takes the attempt that got furthest, not the first one', async () => {
    await start();
    const oneDay: FunnelDefinition = { ...threeSteps, window: { days: 1 } };
    const wide = { to: new Date(noon + 5 * 86_400_000) };
    await people.see('device:a', -2 * day, page('/pricing'));
    await people.see('device:a', 0, page('/pricing'));
    await people.see('device:a', 5, page('/pricing'));
    await people.see('device:a', 10, event('registration'));
    await people.see('device:a', 20, event('sale'));
    const early = { from: new Date(noon - 3 * 86_400_000) };
    expect(await ask(oneDay, { ...early, ...wide })).toMatchObject({
      entered: 1,
      converted: 1,
      secondsToConvert: { median: 20 * 60, p90: 20 * 60 },
    });
  });

  it('wants all steps in one visit where its scope says so', async () => {
    await start();
    const steps = [pricing, sale];
    await people.see('device:a', 1, page('/pricing'));
    await people.see('device:a', 2, event('sale'));
    await people.see('device:b', 1, page('/pricing'));
    await people.see('device:b', 45, event('sale'));
    expect(await counts({ steps })).toEqual([2, 2]);
    expect(await counts({ steps, scope: 'session' })).toEqual([2, 1]);
  });

  it('never counts machines', async () => {
    await start();
    await people.see('device:a', 1, page('/pricing'));
    await people.see('device:bot', 2, page('/pricing', { machine: 'Googlebot' }));
    expect(await counts(threeSteps)).toEqual([1, 0, 0]);
  });

  it('does not see what belongs to another workspace', async () => {
    await start();
    await people.see('device:a', 1, page('/pricing'));
    const other = await openNewPeople(context);
    const report = orThrow(await other.hw.funnels.report(threeSteps, period));
    expect(report.entered).toBe(0);
  });

  it.each([
    ['equals', '/pricing', ['/pricing', '/pricing/', '/pricing?utm=x', '//pricing#top']],
    ['equals', '/promo?utm=x', ['/promo', '/promo/']],
    ['equals', '/', ['', '/', '/?a=b']],
    ['starts_with', '/docs/', ['/docs/a', '/docs/a/b']],
    ['wildcard', '/blog/*/comments', ['/blog/a/comments', '/blog/a/b/comments/']],
    ['regex', '^/item-\\d+$', ['/item-7', '/item-12?x=1']],
  ] as const)('finds paths that %s %s', async (match, value, paths) => {
    await start();
    const all = [
      '/pricing',
      '/pricing/',
      '/pricing?utm=x',
      '//pricing#top',
      '/Pricing',
      '/pricing-old',
      '/x/pricing',
      '/promo',
      '/promo/',
      '/x?to=/promo',
      '',
      '/',
      '/?a=b',
      '/docs',
      '/docs/a',
      '/docs/a/b',
      '/blog/a/comments',
      '/blog/a/b/comments/',
      '/blog/a/comments/1',
      '/item-7',
      '/item-12?x=1',
      '/item-x',
    ];
    for (const [index, path] of all.entries()) {
      await people.see(`device:${index}`, index + 1, page(path));
      await people.see(`device:${index}`, 30, event('lead'));
    }
    const lead: FunnelStep = { filters: [{ kind: 'event', type: 'lead' }] };
    const steps = [{ filters: [{ kind: 'url', match, value }] } as FunnelStep, lead];
    const { people: found } = orThrow(
      await people.hw.funnels.people({ steps }, { ...period, step: 1, limit: 200 }),
    );
    const expected = await Promise.all(
      paths.map(async (path) => (await people.find(`device:${all.indexOf(path)}`))!.rootId),
    );
    expect(found.map(({ visitorId }) => visitorId).sort()).toEqual(expected.sort());
  });

  it('tells hosts and whole addresses apart', async () => {
    await start();
    const url = (address: string) => event('pageview', { url: address });
    await people.see('device:a', 1, url('https://Docs.Shop.test:443/a'));
    await people.see('device:b', 2, url('https://shop.test/a?to=docs.shop.test'));
    await people.see('device:a', 3, event('sale'));
    const step = (filter: object): FunnelDefinition => ({
      steps: [{ filters: [{ kind: 'url', ...filter } as never] }, sale],
    });
    expect(await counts(step({ scope: 'host', value: 'docs.shop.test' }))).toEqual([1, 1]);
    expect(await counts(step({ scope: 'host', match: 'wildcard', value: '*.shop.test' }))).toEqual([
      1, 1,
    ]);
    expect(
      await counts(step({ scope: 'full_url', match: 'starts_with', value: 'https://shop.test/' })),
    ).toEqual([1, 0]);
  });

  it('finds events by any or by all of the filters of a step', async () => {
    await start();
    const custom = (name: string, properties: Record<string, unknown>) =>
      event('custom', { name, properties });
    await people.see('device:a', 1, custom('plan_chosen', { plan: 'pro', seats: 3 }));
    await people.see('device:b', 2, custom('plan_chosen', { plan: 'free' }));
    await people.see('device:c', 3, custom('plan_seen', { plan: 'pro' }));
    const chosen = { kind: 'event', type: 'custom', name: 'plan_chosen' } as const;
    const pro = { kind: 'property', key: 'plan', value: 'pro' } as const;
    const of = (step: FunnelStep) => counts({ steps: [step, sale] });
    expect(await of({ filters: [chosen] })).toEqual([2, 0]);
    expect(await of({ filters: [chosen, pro] })).toEqual([1, 0]);
    expect(await of({ combine: 'any', filters: [chosen, pro] })).toEqual([3, 0]);
    expect(
      await of({ filters: [{ kind: 'property', key: 'plan', op: 'in', values: ['pro', 'free'] }] }),
    ).toEqual([3, 0]);
    expect(await of({ filters: [{ kind: 'property', key: 'seats', value: '3' }] })).toEqual([1, 0]);
  });

  it('begins with a click on a link', async () => {
    await start();
    const link = orThrow(
      await people.hw.links.create({ domain: 'go.test', url: 'https://shop.test/' }),
    );
    const click = event('link_click', { linkId: link.id });
    await people.see('device:a', 1, click);
    await people.see('device:a', 2, event('sale'));
    await people.see('device:b', 1, page('/'));
    const steps: FunnelStep[] = [{ filters: [{ kind: 'link', ids: [link.id] }] }, sale];
    expect(await counts({ steps })).toEqual([1, 1]);
  });

  it('filters and breaks down by the visit of the first step', async () => {
    await start();
    for (const [who, source, channel, buys] of [
      ['device:a', 'google', 'Paid Search', true],
      ['device:b', 'google', 'Paid Search', false],
      ['device:c', 'bing', 'Paid Search', true],
      ['device:d', 'news', 'Email', false],
    ] as const) {
      await people.see(who, 1, page('/pricing', arrival(source, channel)));
      if (buys) await people.see(who, 2, event('sale'));
    }
    await people.see('device:e', 1, page('/pricing'));
    const steps = [pricing, sale];
    const { breakdown } = await ask({ steps }, { dimension: 'channel', limit: 2 });
    expect(breakdown).toMatchObject({
      dimension: 'channel',
      groups: [
        { value: 'Paid Search', entered: 3, converted: 2 },
        { value: '(not set)', entered: 1, converted: 0 },
      ],
      others: [1, 0],
    });
    const google = { dimension: 'source', values: ['google'] } as const;
    expect(await counts({ steps, filters: [google] })).toEqual([2, 1]);
    expect(await counts({ steps, filters: [{ ...google, exclude: true }] })).toEqual([3, 1]);
    expect(await counts({ steps }, { filters: [google] })).toEqual([2, 1]);
    expect(
      await counts({ steps, filters: [{ dimension: 'channel', values: ['(not set)', 'Email'] }] }),
    ).toEqual([2, 0]);
    const paid: FunnelStep = { filters: [{ kind: 'source', channel: 'Paid Search' }] };
    expect(await counts({ steps: [paid, sale] })).toEqual([3, 2]);
  });

  it('lists the people behind each number, page by page', async () => {
    await start();
    for (const [who, at] of [
      ['device:a', 1],
      ['device:b', 2],
      ['device:c', 3],
    ] as const) {
      await people.see(who, at, page('/pricing', arrival('google', 'Paid Search')));
      if (who !== 'device:b') await people.see(who, at + 1, event('sale'));
    }
    const idOf = async (who: string) => (await people.find(who))!.rootId;
    const list = async (input: object) =>
      orThrow(
        await people.hw.funnels.people(
          { steps: [pricing, sale] },
          { ...period, step: 1, ...input },
        ),
      );
    const first = await list({ limit: 2 });
    expect(first.people).toEqual([
      {
        visitorId: await idOf('device:c'),
        reachedAt: [new Date(noon + 3 * 60_000), new Date(noon + 4 * 60_000)],
      },
      { visitorId: await idOf('device:b'), reachedAt: [new Date(noon + 2 * 60_000)] },
    ]);
    const next = await list({ limit: 2, cursor: first.nextCursor });
    expect(next).toMatchObject({ people: [{ visitorId: await idOf('device:a') }] });
    expect(next.nextCursor).toBeUndefined();
    expect((await list({ outcome: 'dropped_off' })).people).toMatchObject([
      { visitorId: await idOf('device:b') },
    ]);
    expect((await list({ step: 2, outcome: 'dropped_off' })).people).toEqual([]);
    expect((await list({ step: 2 })).people).toHaveLength(2);
    expect((await list({ dimension: 'source', value: 'google' })).people).toHaveLength(3);
    expect((await list({ dimension: 'source', value: 'bing' })).people).toEqual([]);
  });
});
