import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { createScriptedPlatform } from '../../../../test/support/scripted-connector.ts';
import { hour, toMilliseconds } from '../kernel/clock.ts';
import type { Duration } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import type { Connector, Diagnosis } from './connector.ts';
import { deliverDispatches } from './deliver-dispatches.ts';

const platform = createScriptedPlatform();
/** What each request of this platform is known by. */
let requests = 0;

/** It takes everything, twelve requests a minute, and says an hour later what it made of it. */
const connector: Connector = {
  ...platform.connector,
  rates: [{ requests: 12, per: { minutes: 1 } }],
  classify: (_, payloads) => {
    const reference = `request-${(requests += 1)}`;
    return payloads.map(() => ({ outcome: 'delivered', reference }));
  },
  followUp: {
    after: { hours: 1 },
    request: (reference, { credentials }) => ({
      method: 'GET',
      url: `https://stand-in.test/${credentials['account']}/status?of=${reference}`,
      headers: {},
    }),
    read: ({ status, body }) =>
      status === 200
        ? (body as Diagnosis)
        : { diagnosis: 'unknown', code: `http_${status}`, message: `It said ${status}.` },
  },
};

describe.each(testDatabaseSizes)('a platform whose last word comes later on %s', (size) => {
  let context: TestContext;
  let people: People;
  /** What was asked about, by anybody's account. */
  const asked: string[] = [];
  let say: () => Response;

  beforeAll(async () => {
    context = await openTestContext(size, {
      connectors: {
        own: [connector],
        async fetch(input, init) {
          const { pathname, searchParams } = new URL(new Request(input, init).url);
          if (!pathname.endsWith('/status')) return platform.fetch(input, init);
          asked.push(`${pathname.split('/')[1]} ${searchParams.get('of')}`);
          return say();
        },
      },
    });
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());
  beforeEach(async () => {
    people = await openNewPeople(context);
    asked.length = 0;
    say = () => diagnosed({ diagnosis: 'processed', received: 1, problems: [] });
    const credentials = { account: people.workspace.id, api_key: 'key' };
    orThrow(await people.hw.connectors.enable('stand_in', { credentials }));
  });
  // Nobody asks about the requests of a test that is over.
  afterEach(async () => void orThrow(await people.hw.connectors.disable('stand_in')));

  const diagnosed = (diagnosis: Diagnosis): Response => Response.json(diagnosis);
  /** Sales of one visitor that go out in one request. */
  const deliverSales = async (sales: number): Promise<void> => {
    const { hw } = people;
    for (let number = 0; number < sales; number += 1)
      orThrow(
        await hw.events.track(
          {
            type: 'sale',
            externalId: 'ann',
            amountMinor: 4_950n,
            currency: 'EUR',
            signals: { gclid: 'click-1' },
          },
          { createsVisitor: true },
        ),
      );
    expect(await hw.connectors.deliverDue()).toMatchObject({ delivered: sales });
  };
  const after = async (time: Duration) => {
    context.clock.moveBy(toMilliseconds(time));
    await people.hw.connectors.deliverDue();
    return asked.filter((each) => each.startsWith(people.workspace.id)).length;
  };
  const told = async () => {
    const { dispatches } = orThrow(await people.hw.connectors.dispatches.list());
    return dispatches.map(({ status, reason, message }) => ({ status, reason, message }));
  };
  const delivered = { status: 'delivered', reason: undefined, message: undefined };

  it('is asked once for a whole request, when it is due, and what it left out stands in the log', async () => {
    say = () =>
      diagnosed({
        diagnosis: 'processed',
        received: 3,
        problems: [{ code: 'INVALID_GCLID', conversions: 2 }],
      });
    await deliverSales(3);
    expect(await after({ minutes: 59 })).toBe(0);
    expect(await told()).toEqual([delivered, delivered, delivered]);

    expect(await after({ minutes: 1 })).toBe(1);
    const message = 'Of 3 in its request the platform left out: INVALID_GCLID (2)';
    const noted = { status: 'delivered', reason: 'follow_up', message };
    expect(await told()).toEqual([noted, noted, noted]);
    expect(await after({ days: 2 })).toBe(1);
  });

  it('says nothing where all is well, and is asked no more', async () => {
    await deliverSales(1);
    expect(await after({ hours: 1 })).toBe(1);
    expect(await told()).toEqual([delivered]);
    expect(await after({ days: 2 })).toBe(1);
  });

  it('is asked again every six hours while it is processing', async () => {
    say = () => diagnosed({ diagnosis: 'processing' });
    await deliverSales(1);
    expect(await after({ hours: 1 })).toBe(1);
    expect(await after({ hours: 5 })).toBe(1);
    expect(await after({ hours: 1 })).toBe(2);
    say = () => diagnosed({ diagnosis: 'processed', received: 1, problems: [] });
    expect(await after({ hours: 6 })).toBe(3);
    expect(await told()).toEqual([delivered]);
    expect(await after({ days: 2 })).toBe(3);
  });

  it.each([
    ['is still processing', 'The platform was still processing it when it was last asked.', 200],
    ['is out of order', 'The platform does not say what became of it: It said 503.', 503],
    ['refuses the token', 'The platform does not say what became of it: It said 401.', 401],
    ['cannot be reached', 'The platform does not say what became of it: ', 'throws'],
  ] as const)('that %s is given up after three days', async (_name, message, how) => {
    say = () => {
      if (how === 'throws') throw new TypeError('fetch failed');
      return Response.json({ diagnosis: 'processing' }, { status: how });
    };
    await deliverSales(1);
    for (let hours = 0; hours < 72; hours += 6) await after({ hours: 6 });
    expect(await told()).toEqual([delivered]);
    const times = await after({ hours: 6 });
    expect(await told()).toMatchObject([
      { status: 'delivered', reason: 'follow_up', message: expect.stringContaining(message) },
    ]);
    expect(await after({ days: 1 })).toBe(times);
  });

  it('that does not know the request is believed at once', async () => {
    say = () => Response.json({}, { status: 404 });
    await deliverSales(1);
    expect(await after({ hours: 1 })).toBe(1);
    expect(await told()).toMatchObject([{ reason: 'follow_up' }]);
    expect(await after({ days: 1 })).toBe(1);
  });

  it('is asked no more often than it takes requests, and about the rest when it takes more', async () => {
    await deliverSales(11);
    expect(await after({ minutes: 1 })).toBe(0);
    for (let time = 0; time < 12; time += 1) await deliverSales(1);
    expect(await after({ hours: 1 })).toBe(12);
    expect(await after({ seconds: 59 })).toBe(12);
    expect(await after({ seconds: 1 })).toBe(14);
    expect(await after({ days: 2 })).toBe(14);
  });

  it('is asked by one of two processes', async () => {
    await deliverSales(1);
    context.clock.moveBy(hour);
    await Promise.all([context, context.another()].map((each) => deliverDispatches(each)));
    expect(asked).toHaveLength(1);
  });
});
