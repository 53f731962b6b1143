import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { createScriptedPlatform } from '../../../../test/support/scripted-connector.ts';
import type { ScriptedPlatform } from '../../../../test/support/scripted-connector.ts';
import type { Context } from '../context.ts';
import { hour, minute } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createDatabase, createPool } from '../store/postgres.ts';
import type { Database } from '../store/database.ts';
import { deliverDispatches } from './deliver-dispatches.ts';

describe('several processes on one PostgreSQL', () => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext('postgres');
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const open = async (platform: ScriptedPlatform): Promise<People> => {
    const scoped = context.another({
      connectors: { own: [platform.connector], fetch: platform.fetch },
    });
    const people = await openNewPeople(scoped);
    orThrow(
      await people.hw.connectors.enable('stand_in', {
        credentials: { account: people.workspace.id, api_key: 'key' },
      }),
    );
    return people;
  };

  /** Another process: its own connections, and nothing that it remembers. */
  const another = (
    platform: ScriptedPlatform,
    changes: (database: Database) => Database = (d) => d,
  ) => {
    const pool = createPool(context.url, 4);
    const database = createDatabase(pool, {
      size: 'server',
      schema: 'headwater',
      batchesInFlight: 1,
      prepare: true,
      onClose: () => pool.end(),
    });
    const process: Context = {
      ...context.another({ connectors: { own: [platform.connector], fetch: platform.fetch } }),
      database: changes(database),
    };
    return Object.assign(process, { [Symbol.asyncDispose]: () => database.close() });
  };

  const sell = async ({ hw }: People, count: number): Promise<void> => {
    const arrived = orThrow(
      await hw.events.track(
        {
          type: 'pageview',
          externalId: 'ann',
          url: 'https://shop.test/?gclid=click-1',
          occurredAt: new Date(context.clock.now() - hour),
        },
        { createsVisitor: true },
      ),
    ) as { visitorId: string };
    const { visitorId } = arrived;
    for (let from = 0; from < count; from += 100) {
      const inputs = Array.from({ length: Math.min(100, count - from) }, () => ({
        type: 'sale' as const,
        visitorId,
        amountMinor: 100n,
        currency: 'EUR',
      }));
      for (const result of await hw.events.trackBatch(inputs)) orThrow(result);
    }
  };

  it('never send the same conversion twice', async () => {
    const platform = createScriptedPlatform();
    const people = await open(platform);
    await sell(people, 400);
    platform.answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { status: 200 };
    };
    await using one = another(platform);
    await using two = another(platform);
    const [first, second] = await Promise.all([
      Promise.all([deliverDispatches(one), deliverDispatches(one)]),
      Promise.all([deliverDispatches(two), deliverDispatches(two)]),
    ]);
    expect([...platform.sent.values()].every((times) => times === 1)).toBe(true);
    expect(platform.sent.size).toBe(400);
    const delivered = [...first, ...second].map((report) => report.delivered);
    expect(delivered.reduce((sum, count) => sum + count, 0)).toBe(400);
    expect(delivered.filter((count) => count > 0).length).toBeGreaterThan(1);
  }, 60_000);

  it('send what a dead process had claimed again, with the same ids and no others', async () => {
    const platform = createScriptedPlatform();
    const people = await open(platform);
    await sell(people, 15);
    // It ends between the answer of the platform and the note of it.
    await using dying = another(platform, (database) => ({
      ...database,
      run: (statement, values) =>
        statement.name.endsWith('settle_dispatches')
          ? Promise.reject(new Error('the process is gone'))
          : database.run(statement, values),
    }));
    await deliverDispatches(dying);
    expect(platform.sent.size).toBe(15);
    const statuses = async () =>
      orThrow(await people.hw.connectors.dispatches.summary()).map(({ status, count }) => [
        status,
        count,
      ]);
    expect(await statuses()).toEqual([['sending', 15]]);

    await using alive = another(platform);
    await deliverDispatches(alive);
    expect(platform.requests.flatMap(({ conversions }) => conversions)).toHaveLength(15);
    context.clock.moveBy(16 * minute);
    await deliverDispatches(alive);
    expect(await statuses()).toEqual([['delivered', 15]]);
    expect(platform.sent.size).toBe(15);
    expect([...platform.sent.values()]).toEqual(Array.from({ length: 15 }, () => 2));
    expect(platform.counted.size).toBe(15);
  }, 60_000);

  it('do not send again what a platform would count twice', async () => {
    const platform = createScriptedPlatform({ deduplicates: () => false });
    const people = await open(platform);
    await sell(people, 2);
    await using dying = another(platform, (database) => ({
      ...database,
      run: (statement, values) =>
        statement.name.endsWith('settle_dispatches')
          ? Promise.reject(new Error('the process is gone'))
          : database.run(statement, values),
    }));
    await deliverDispatches(dying);
    context.clock.moveBy(16 * minute);
    await using alive = another(platform);
    await deliverDispatches(alive);
    expect([...platform.sent.values()]).toEqual([1, 1]);
    expect(orThrow(await people.hw.connectors.dispatches.summary())).toMatchObject([
      { status: 'failed', reason: 'unanswered', count: 2 },
    ]);
  }, 60_000);

  it('have the first word of a claim: a late one of a process that seemed dead counts for nothing', async () => {
    const platform = createScriptedPlatform();
    const people = await open(platform);
    await sell(people, 1);
    let finish = (): void => undefined;
    platform.answer = (_, number) =>
      number === 1
        ? new Promise((resolve) => {
            finish = () => resolve({ status: 400 });
          })
        : { status: 200 };
    await using slow = another(platform);
    await using quick = another(platform);
    const waiting = deliverDispatches(slow);
    while (platform.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    context.clock.moveBy(16 * minute);
    await deliverDispatches(quick);
    finish();
    await waiting;
    expect(orThrow(await people.hw.connectors.dispatches.summary())).toMatchObject([
      { status: 'delivered', count: 1 },
    ]);
  }, 60_000);

  it('together send no more requests than the platform takes', async () => {
    const rates = [{ requests: 3, per: { minutes: 1 } }];
    const platform = createScriptedPlatform({ rates });
    const people = await open(platform);
    await sell(people, 100);
    platform.answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { status: 200 };
    };
    await using one = another(platform);
    await using two = another(platform);
    const requests: number[] = [];
    for (let minutes = 0; minutes < 4; minutes += 1) {
      await Promise.all([one, two, one, two].map((process) => deliverDispatches(process)));
      requests.push(platform.requests.length);
      context.clock.moveBy(minute);
    }
    expect(requests).toEqual([3, 6, 9, 10]);
    expect(platform.counted.size).toBe(100);
  }, 60_000);
});
